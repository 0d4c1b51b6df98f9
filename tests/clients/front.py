"""A program in front of a portal, in a folder of its own, on ports that nobody else has."""

import os
import pathlib
import shutil
import socket
import tempfile
import time

from server import PATIENCE, Server


class Front:
    """One is started when it is made. Subclasses say which program it is and what it reads."""

    PROGRAM = ""

    def __init__(self, portal):
        # Debian puts such programs where only root looks.
        self.program = shutil.which(self.PROGRAM, path=os.environ.get("PATH", "") + ":/usr/sbin")
        if self.program is None:
            raise RuntimeError(f"{self.PROGRAM} is not installed")
        self.folder = pathlib.Path(tempfile.mkdtemp())
        # Between looking for a free port and listening on it somebody else may take it.
        for _ in range(5):
            if self._start(portal):
                return
        shutil.rmtree(self.folder)
        raise RuntimeError(f"{self.PROGRAM} does not start")

    def configure(self, portal):
        """Writes the configuration; the command line, and the addresses that are listened on then."""
        raise NotImplementedError

    def _start(self, portal):
        command, addresses = self.configure(portal)
        self.server = Server(command, None)
        until = time.monotonic() + PATIENCE
        while self.server.process.poll() is None and time.monotonic() < until:
            if all(accepts(address) for address in addresses):
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
