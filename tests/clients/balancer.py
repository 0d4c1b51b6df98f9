"""HAProxy in front of several nodes of one site."""

import pathlib
import socket
import subprocess

from front import Front, free_ports
from server import PORTAL, Portal

CONFIGURATION = pathlib.Path(__file__).with_name("balanced.cfg")


def node(name, nodes, *options):
    """A portal that is one node of the site."""
    return Portal("--node", name, "--nodes", nodes, *options)


def routing(name, nodes, keys):
    """The lines that the library writes for HAProxy, as the portal prints them."""
    command = [PORTAL, "--node", name, "--nodes", nodes, "--print-haproxy"]
    done = subprocess.run(command, env={"COOKIE_KEYS": keys}, capture_output=True, text=True, check=True)
    return done.stdout


def labels(lines):
    """Of each server the labels that lead to it."""
    rules = [line.split() for line in lines.splitlines() if line.startswith("use-server ")]
    return {rule[1]: rule[rule.index("--") + 1 : -1] for rule in rules}


class Balancer(Front):
    """In front of portals by their names. `routing` are the backend's lines, `cookies` what each server's line says besides."""

    PROGRAM = "haproxy"

    def __init__(self, portals, routing, cookies=None):
        self.routing, self.cookies = routing, cookies or {}
        super().__init__(portals)

    def configure(self, portals):
        (port,) = free_ports(1)
        self.address = ("127.0.0.1", port)
        self.socket = self.folder / "admin"
        servers = [
            f"    server {name} {portal.host}:{portal.port} {self.cookies.get(name, '')}" for name, portal in portals.items()
        ]
        text = CONFIGURATION.read_text()
        for name, value in [
            ("$SOCKET", str(self.socket)),
            ("$PORT", str(port)),
            ("$ROUTING", self.routing),
            ("$SERVERS", "\n".join(servers)),
        ]:
            text = text.replace(name, value)
        file = self.folder / "haproxy.cfg"
        file.write_text(text)
        subprocess.run([self.program, "-c", "-q", "-f", str(file)], check=True)
        return [self.program, "-db", "-q", "-f", str(file)], [self.address]

    def say(self, command):
        """What it answers to an administrator."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.socket))
            connection.sendall(command.encode() + b"\n")
            return connection.makefile().read()
