"""HAProxy in front of a portal, in a folder of its own: one port for each pair of HTTP versions."""

import os
import pathlib
import shutil
import tempfile
import time

from cache import accepts, free_ports
from server import PATIENCE, Server

CONFIGURATION = pathlib.Path(__file__).with_name("haproxy.cfg")
# Debian puts it where only root looks.
HAPROXY = shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin")
# As the client asks, and as the portal is asked.
WAYS = ["1_TO_1", "1_TO_2", "2_TO_1", "2_TO_2"]


class Way:
    """One port of the proxy."""

    def __init__(self, name, port):
        self.name, self.address = name, ("127.0.0.1", port)
        self.url = f"http://127.0.0.1:{port}"
        # What makes curl speak the version that this port expects.
        self.curl = ["--http2-prior-knowledge"] if name.startswith("2") else ["--http1.1"]


class Proxy:
    def __init__(self, portal):
        if HAPROXY is None:
            raise RuntimeError("HAProxy is not installed")
        self.folder = pathlib.Path(tempfile.mkdtemp())
        # Between looking for a free port and listening on it somebody else may take it.
        for _ in range(5):
            if self._start(portal):
                return
        shutil.rmtree(self.folder)
        raise RuntimeError("HAProxy does not start")

    def _start(self, portal):
        self.ways = [Way(name, port) for name, port in zip(WAYS, free_ports(len(WAYS)))]
        text = CONFIGURATION.read_text().replace("$PORTAL", f"{portal.host}:{portal.port}")
        for way in self.ways:
            text = text.replace(f"${way.name}", str(way.address[1]))
        file = self.folder / "haproxy.cfg"
        file.write_text(text)
        # In the foreground, one process: the one whose id is known.
        self.server = Server([HAPROXY, "-db", "-q", "-f", str(file)], None)
        until = time.monotonic() + PATIENCE
        while self.server.process.poll() is None and time.monotonic() < until:
            if all(accepts(way.address) for way in self.ways):
                return True
            time.sleep(0.05)
        self.server.stop()
        return False

    def stop(self):
        self.server.stop()
        shutil.rmtree(self.folder)
