"""nginx with its cache on, in front of a portal, in a folder of its own."""

import os
import pathlib
import shutil
import socket
import tempfile
import time

from server import PATIENCE, Server

CONFIGURATION = pathlib.Path(__file__).with_name("nginx.conf")
# Debian puts it where only root looks.
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")


class Cache:
    def __init__(self, portal):
        if NGINX is None:
            raise RuntimeError("nginx is not installed")
        self.folder = pathlib.Path(tempfile.mkdtemp())
        # Between looking for a free port and listening on it somebody else may take it.
        for _ in range(5):
            if self._start(portal):
                return
        shutil.rmtree(self.folder)
        raise RuntimeError("nginx does not start")

    def _start(self, portal):
        ports = free_ports(2)
        self.usual, self.careless = [("127.0.0.1", port) for port in ports]
        text = CONFIGURATION.read_text()
        for name, value in [
            # Its workers would else be a user that may not read this folder.
            ("$USER", "user root;" if os.getuid() == 0 else ""),
            ("$FOLDER", str(self.folder)),
            ("$PORTAL", portal.url),
            ("$USUAL", str(ports[0])),
            ("$CARELESS", str(ports[1])),
        ]:
            text = text.replace(name, value)
        file = self.folder / "nginx.conf"
        file.write_text(text)
        command = [NGINX, "-p", str(self.folder), "-e", "stderr", "-c", str(file)]
        self.server = Server(command, None)
        until = time.monotonic() + PATIENCE
        while self.server.process.poll() is None and time.monotonic() < until:
            if all(accepts(address) for address in [self.usual, self.careless]):
                return True
            time.sleep(0.05)
        self.server.stop()
        return False

    def stop(self):
        self.server.stop()
        shutil.rmtree(self.folder)


def accepts(address):
    try:
        socket.create_connection(address, timeout=1).close()
        return True
    except OSError:
        return False


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
