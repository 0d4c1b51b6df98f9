"""curl with a cookie jar: every request is a new process, and only the jar's file goes from one to the next."""

import json
import shutil
import subprocess
import urllib.parse


class Answer:
    def __init__(self, head, body):
        status, *lines = head.split("\r\n")
        self.status = int(status.split(" ")[1])
        fields = [line.split(": ", 1) for line in lines if ": " in line]
        self.fields = {name.lower(): value for name, value in fields}
        self.set_cookies = [value for name, value in fields if name.lower() == "set-cookie"]
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)


class Curl:
    def __init__(self, portal, folder, *first):
        self.portal, self.folder, self.first = portal, folder, first
        self.jar = folder / "jar"

    def get(self, path):
        return self._run(path)

    def post(self, path, fields):
        return self._run(path, "--data", urllib.parse.urlencode(fields))

    def come_back(self):
        return Curl(self.portal, self.folder)

    def restart(self):
        # What a browser does when it starts: cookies without an expiry are not read from the file.
        return Curl(self.portal, self.folder, "--junk-session-cookies")

    def captured(self, folder):
        """Somebody else with a copy of the jar as it is now."""
        other = Curl(self.portal, folder)
        shutil.copy(self.jar, other.jar)
        return other

    def _run(self, path, *options):
        head, body = self.folder / "head", self.folder / "body"
        self.jar.touch()
        output = ["--silent", "--show-error", "--noproxy", "*", "--dump-header", head, "--output", body]
        command = ["curl", *output, "--cookie", "-", "--cookie-jar", self.jar, *self.first, *options]
        # curl 7 reads the file once more before it writes, and so revives what was deleted. It cannot do that to stdin.
        with self.jar.open() as jar:
            subprocess.run([*command, self.portal.url + path], stdin=jar, check=True)
        return Answer(head.read_bytes().decode("latin-1"), body.read_bytes())
