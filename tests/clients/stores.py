"""The servers that sessions are kept on, each in a folder of its own, and files that they are kept in."""

import glob
import os
import pathlib
import secrets
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

from front import Front, free_ports
from server import PATIENCE, Server


class Kept(Front):
    """A store's server: it can be killed, and started again on the same port with what it had."""

    def __init__(self):
        super().__init__(None)

    def configure(self, _):
        (self.port,) = free_ports(1)
        self.address = ("127.0.0.1", self.port)
        self.command = self.command_line()
        return self.command, [self.address]

    def command_line(self):
        raise NotImplementedError

    def answers(self):
        """Whether it does what it is there for, which it may not yet do when it accepts connections."""
        raise NotImplementedError

    def _start(self, portal):
        return super()._start(portal) and self.wait()

    def wait(self):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.answers():
                return True
            time.sleep(0.05)
        return False

    def kill(self):
        """Without a word, as by a power cut."""
        self.server.process.kill()
        self.server.stop()

    def start_again(self):
        self.server = Server(self.command, None)
        if not self.wait():
            raise RuntimeError(f"{self.PROGRAM} does not start again")

    def url(self, port=None):
        """What the portal calls it, perhaps by another port that leads to it."""
        raise NotImplementedError


class Redis(Kept):
    """Durable to each write, if asked: it promises what it acknowledges also across a kill."""

    PROGRAM = "redis-server"

    def __init__(self, durable=True):
        self.durable = durable
        super().__init__()

    def command_line(self):
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": str(self.folder),
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "always",
            # So that what is dumped can be searched.
            "rdbcompression": "no",
            "aof-use-rdb-preamble": "no",
            "save": "",
        }
        command = [self.program]
        for name, value in options.items():
            command += [f"--{name}", value]
        return command

    def ask(self, *words):
        command = ["redis-cli", "-h", "127.0.0.1", "-p", str(self.port), *words]
        return subprocess.run(command, capture_output=True, timeout=PATIENCE).stdout

    def answers(self):
        return self.ask("PING") == b"PONG\n"

    def url(self, port=None):
        return f"redis://127.0.0.1:{port or self.port}"

    def dump(self):
        """All that it has on the disk."""
        self.ask("SAVE")
        files = [file for file in self.folder.rglob("*") if file.is_file()]
        return b"".join(file.read_bytes() for file in files)


class PostgreSQL(Kept):
    """A cluster of its own. It does not run as root, so root runs it as the user that Debian made for it."""

    PROGRAM = "postgres"

    def __init__(self):
        tools = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
        if not tools:
            raise RuntimeError("PostgreSQL is not installed")
        self.tools = pathlib.Path(tools[-1])
        self.as_owner = []
        self.password = secrets.token_hex(16)
        if os.geteuid() == 0:
            self.as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        super().__init__()

    def tool(self, name, *arguments):
        return [*self.as_owner, str(self.tools / name), *arguments]

    def command_line(self):
        data = self.folder / "data"
        if not data.exists():
            if self.as_owner:
                shutil.chown(self.folder, "postgres", "postgres")
            secret = self.folder / "password"
            secret.write_text(self.password)
            secret.chmod(0o644)
            make = self.tool("initdb", "--no-sync", "--encoding=UTF8", "--locale=C", "--username=postgres", "-D", str(data))
            make += ["--auth=scram-sha-256", f"--pwfile={secret}"]
            subprocess.run(make, check=True, capture_output=True, cwd="/")
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            # A killed server loses nothing by that, only a machine does.
            "fsync": "off",
            "logging_collector": "off",
            "log_min_messages": "panic",
        }
        settings = [f"-c{name}={value}" for name, value in options.items()]
        return self.tool("postgres", "-D", str(data), *settings)

    def answers(self):
        ready = self.tool("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres")
        return subprocess.run(ready, capture_output=True, cwd="/").returncode == 0

    def ask(self, statement):
        command = ["psql", "-X", "-q", "-A", "-t", "-c", statement, self.url()]
        return subprocess.run(command, capture_output=True, timeout=PATIENCE).stdout

    def url(self, port=None):
        return f"postgres://postgres:{self.password}@127.0.0.1:{port or self.port}/postgres"

    def dump(self):
        command = self.tool("pg_dump", self.url())
        return subprocess.run(command, capture_output=True, check=True, cwd="/").stdout

    def kill(self):
        """At once, every process of it."""
        self.server.process.send_signal(signal.SIGQUIT)
        self.server.stop()

    def stop(self):
        # Without waiting for whoever is still connected.
        self.server.process.send_signal(signal.SIGINT)
        super().stop()


class SQLite:
    """A file, and whoever else has it open."""

    def __init__(self, folder=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
        self.file = self.folder / "sessions.sqlite"

    def url(self):
        return f"sqlite:{self.file}"

    def lock(self):
        """The lock of whoever writes, until it is closed."""
        other = sqlite3.connect(self.file, isolation_level=None, timeout=PATIENCE)
        other.execute("BEGIN EXCLUSIVE")
        return other

    def is_whole(self):
        with sqlite3.connect(self.file, timeout=PATIENCE) as other:
            return other.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    def dump(self):
        return b"".join(file.read_bytes() for file in self.folder.iterdir())

    def stop(self):
        shutil.rmtree(self.folder)


