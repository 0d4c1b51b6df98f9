"""The stickiness cookie beside HAProxy's: the same cookies are honoured, the same ones written, in each of its formats."""

import re
import time
import unittest

from front import Front, free_ports
from gateway import Backend, Gateway, by_name
from set_cookie import lines
from wire import ask

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
IDLE, LIFE = 600, 7200


def dated(seconds):
    """As HAProxy writes it, but exactly, for a time that is a multiple of four seconds."""
    units = int(seconds) >> 2
    return "".join(ALPHABET[units >> shift & 63] for shift in [24, 18, 12, 6, 0])


def undated(text):
    units = 0
    for character in text:
        units = units << 6 | ALPHABET.index(character)
    return units << 2


class HaProxy(Front):
    """One server that is up, one that drains, one that is down."""

    PROGRAM = "haproxy"

    def __init__(self, live, draining, options):
        self.live, self.draining, self.options = live, draining, options
        super().__init__(None)

    def configure(self, _):
        (port,) = free_ports(1)
        self.address = ("127.0.0.1", port)
        (self.folder / "cfg").write_text(
            "global\n maxconn 50\n"
            "defaults\n mode http\n timeout connect 5s\n timeout client 20s\n timeout server 20s\n option redispatch\n"
            f"listen site\n bind 127.0.0.1:{port}\n"
            f" cookie XRMINT insert indirect nocache httponly secure attr SameSite=Lax {' '.join(self.options)}\n"
            f" server live 127.0.0.1:{self.live.port} cookie n1\n"
            f" server draining 127.0.0.1:{self.draining.port} cookie n2 weight 0\n"
            f" server down 127.0.0.1:{self.live.port} cookie n4 disabled\n"
        )
        return [self.program, "-db", "-q", "-f", str(self.folder / "cfg")], [self.address]


class Beside(unittest.TestCase):
    def setUp(self):
        self.live, self.draining = Backend("live", by_name), Backend("draining", by_name)
        self.addCleanup(self.live.stop)
        self.addCleanup(self.draining.stop)

    def start(self, idle, life):
        (nowhere,) = free_ports(1)
        gateway = Gateway(
            f"n1={self.live.url}",
            options=[
                *["--drain", f"n2={self.draining.url}", "--backend", f"n4=http://127.0.0.1:{nowhere}"],
                *["--max-idle", str(idle), "--max-life", str(life)],
            ],
        )
        self.addCleanup(gateway.stop)
        # Takes `n4` out.
        self.told(gateway.address, ["n4"])
        options = ["maxidle", f"{idle}s"] * bool(idle) + ["maxlife", f"{life}s"] * bool(life)
        proxy = HaProxy(self.live, self.draining, options)
        self.addCleanup(proxy.stop)
        return gateway.address, proxy.address

    def told(self, address, values):
        """Who answered, and what was set, where dates are given as seconds ago."""
        header = "; ".join(["a=1", *(f"XRMINT={value}" for value in values)])
        answer = ask(address, "GET", "/", f"Cookie: {header}".encode("latin-1"))
        self.assertEqual(answer.status, 200)
        told = []
        for line in lines(answer.set_cookies):
            self.assertEqual((line.name, line.max_age, line.expires), ("XRMINT", None, None))
            scope = {"path": "/", "domain": None, "same_site": "Lax", "secure": True, "http_only": True}
            self.assertEqual(line.scope, scope)
            label, *dates = line.value.split("|")
            told.append((label, *(self.ago(date) for date in dates)))
        return answer.body.decode(), told

    def ago(self, date):
        """Seconds, where those that the test itself takes do not count."""
        ago = time.time() - undated(date)
        return 0 if -4 <= ago < 30 else round(ago / 60)

    def cookies(self):
        """Values of cookies, by what they are to show. Nothing is so near to a limit that the test's own time matters."""
        now = int(time.time()) // 4 * 4
        last, first = dated(now - 60), dated(now - 3600)
        for label in ["n1", "n2", "n4", "n9", "", '"n1"', "N1"]:
            yield [label]
            yield [f"{label}|{dated(now + 400)}"]
        for dates in [
            last,
            dated(now - IDLE - 60),
            dated(now + 400),
            dated(now + 86_000),
            dated(now + 87_000),
            dated(now - 40 * 365 * 86_400),
            f"{last}|{first}",
            f"{last}|{dated(now - LIFE - 60)}",
            f"{dated(now - IDLE - 60)}|{first}",
            f"{dated(now + 400)}|{first}",
            f"{dated(now + 400)}|{dated(now + 86_000)}",
            f"{dated(now + 400)}|{dated(now + 87_000)}",
            "AAAAA",
            "AAAAB",
            "",
            "|",
            "awR",
            "awR-_",
            f"{last}xyz",
            f"{last}|",
            f"{last}|abc",
            f"|{first}",
            f"{last}|{first}|{first}",
            f"abc|{last}",
        ]:
            yield [f"n1|{dates}"]
            yield [f"n2|{dates}"]
        yield []
        yield ["n2", "n1"]
        yield ["n9", "n2"]
        yield ["n4", "n9", "n2"]

    def test_each_cookie_is_taken_as_haproxy_takes_it(self):
        for idle, life in [(0, 0), (IDLE, 0), (0, LIFE), (IDLE, LIFE)]:
            ours, theirs = self.start(idle, life)
            for values in self.cookies():
                with self.subTest(idle=idle, life=life, values=values):
                    self.assertEqual(self.told(ours, values), self.told(theirs, values))

    def test_the_life_begins_anew_elsewhere_which_is_the_one_difference(self):
        now = int(time.time()) // 4 * 4
        ours, theirs = self.start(IDLE, LIFE)
        for label in ["n4", "n9"]:
            values = [f"{label}|{dated(now - 60)}|{dated(now - 3600)}"]
            self.assertEqual(self.told(ours, values), ("live", [("n1", 0, 0)]))
            self.assertEqual(self.told(theirs, values), ("live", [("n1", 0, 60)]))

    def test_a_cookie_of_the_one_is_honoured_by_the_other(self):
        for idle, life in [(0, 0), (IDLE, 0), (0, LIFE), (IDLE, LIFE)]:
            ways = self.start(idle, life)
            for issuer, reader in [ways, ways[::-1]]:
                (line,) = lines(ask(issuer, "GET", "/").set_cookies)
                self.assertRegex(line.value, r"^n1(\|[A-Za-z0-9+/]{5}){%d}$" % (2 if life else bool(idle)))
                again = ask(reader, "GET", "/", f"Cookie: XRMINT={line.value}".encode())
                self.assertEqual(again.body, b"live")
                for refreshed in lines(again.set_cookies):
                    self.assertEqual(re.sub("^(n1.).{5}", r"\1", refreshed.value), re.sub("^(n1.).{5}", r"\1", line.value))


if __name__ == "__main__":
    unittest.main()
