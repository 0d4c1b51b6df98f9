"""Tomcat as it comes with Debian, with one servlet, as a back end that nobody told of the gateway."""

import hashlib
import pathlib
import re
import shutil
import subprocess
import tempfile

from server import Server, listening

HERE = pathlib.Path(__file__).parent
# Each library once, and no translations.
JARS = [
    str(jar)
    for jar in sorted(pathlib.Path("/usr/share/java").glob("tomcat10-*.jar"))
    if "-i18n-" not in jar.name and not re.search(r"-[0-9.]+\.jar$", jar.name)
]


def compiled(folder):
    """The class path of the servlet, which is compiled into the folder."""
    if not any(jar.endswith("/tomcat10-catalina.jar") for jar in JARS):
        raise RuntimeError("libtomcat10-java is not installed")
    if shutil.which("javac") is None:
        raise RuntimeError("there is no javac")
    subprocess.run(["javac", "-cp", ":".join(JARS), "-d", folder, HERE / "Backend.java"], check=True, timeout=120)
    return ":".join([str(folder), *JARS])


class Tomcat:
    def __init__(self, classes, route):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.log = (self.folder / "log").open("w+b")
        command = ["java", "-XX:TieredStopAtLevel=1", "-Xmx96m", "-cp", classes, "Backend", self.folder, route]
        self.server = Server(command, self.log, stdout=subprocess.PIPE)
        try:
            self.address = listening(self.server, self.logged)
        except BaseException:
            self.stop()
            raise
        self.url = "http://%s:%d" % self.address

    def logged(self):
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        self.server.process.kill()
        self.server.stop()
        self.log.close()
        shutil.rmtree(self.folder)


def said(answer):
    """What the servlet saw."""
    return dict(line.split("=", 1) for line in answer.body.decode().splitlines())


def hashed(session_id):
    return hashlib.sha256(session_id.encode()).hexdigest()
