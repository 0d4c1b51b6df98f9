"""HAProxy in front of a portal: one port for each pair of HTTP versions."""

import pathlib

from front import Front, free_ports

CONFIGURATION = pathlib.Path(__file__).with_name("haproxy.cfg")
# As the client asks, and as the portal is asked.
WAYS = ["1_TO_1", "1_TO_2", "2_TO_1", "2_TO_2"]


class Way:
    """One port of the proxy."""

    def __init__(self, name, port):
        self.name, self.address = name, ("127.0.0.1", port)
        self.url = f"http://127.0.0.1:{port}"
        # What makes curl speak the version that this port expects.
        self.curl = ["--http2-prior-knowledge"] if name.startswith("2") else ["--http1.1"]


class Proxy(Front):
    PROGRAM = "haproxy"

    def configure(self, portal):
        self.ways = [Way(name, port) for name, port in zip(WAYS, free_ports(len(WAYS)))]
        text = CONFIGURATION.read_text().replace("$PORTAL", f"{portal.host}:{portal.port}")
        for way in self.ways:
            text = text.replace(f"${way.name}", str(way.address[1]))
        file = self.folder / "haproxy.cfg"
        file.write_text(text)
        # In the foreground, one process: the one whose id is known.
        return [self.program, "-db", "-q", "-f", str(file)], [way.address for way in self.ways]
