"""nginx with its cache on, in front of a portal."""

import os
import pathlib

from front import Front, free_ports

CONFIGURATION = pathlib.Path(__file__).with_name("nginx.conf")


class Cache(Front):
    PROGRAM = "nginx"

    def configure(self, portal):
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
        command = [self.program, "-p", str(self.folder), "-e", "stderr", "-c", str(file)]
        return command, [self.usual, self.careless]
