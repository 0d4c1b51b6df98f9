"""A server that one test owns: started on a loopback port, stopped by its own process id."""

import os
import pathlib
import re
import select
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PORTAL = os.environ.get("PORTAL", str(TARGET / "debug" / "examples" / "portal"))
# Worth nothing: the portals that it signs for live as long as one test.
KEYS = "6f" * 32
PATIENCE = 30


class Server:
    """A child process. While it runs, its id lies in the folder `SERVERS`, so that whoever started the tests can end it."""

    def __init__(self, command, log, environment=None, stdout=subprocess.DEVNULL):
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=log,
            env={**os.environ, **(environment or {})},
        )
        folder = os.environ.get("SERVERS")
        self.mark = pathlib.Path(folder, str(self.process.pid)) if folder else None
        if self.mark:
            self.mark.touch()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        if self.mark:
            self.mark.unlink(missing_ok=True)


def listening(server, logged):
    """Host and port of the one line that our programs print once they accept connections."""
    lines = server.process.stdout
    until = time.monotonic() + PATIENCE
    seen = b""
    while b"\n" not in seen:
        ready, _, _ = select.select([lines], [], [], max(0, until - time.monotonic()))
        some = os.read(lines.fileno(), 4096) if ready else b""
        if not some:
            raise RuntimeError(f"the server does not listen: {seen!r} {logged()!r}")
        seen += some
    said = re.fullmatch(rb"listening on http://(127\.0\.0\.1):(\d+)\n", seen)
    if not said:
        raise RuntimeError(f"the server says {seen!r}")
    return said[1].decode(), int(said[2])


class Listening:
    """One of our programs, from the line in which it says where it listens."""

    def __init__(self, command, keys):
        self.log = tempfile.TemporaryFile()
        self.server = Server(command, self.log, {"COOKIE_KEYS": keys}, subprocess.PIPE)
        try:
            self.host, self.port = listening(self.server, self.logged)
        except BaseException:
            self.stop()
            raise
        self.address = (self.host, self.port)
        self.url = f"http://{self.host}:{self.port}"

    def logged(self):
        """All that it has written to its log."""
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        self.server.stop()
        self.log.close()


class Portal(Listening):
    """`examples/portal` with its lab."""

    def __init__(self, *options, keys=KEYS):
        super().__init__([PORTAL, "--lab", "--listen", "127.0.0.1:0", *options], keys)
