"""The TS cookies by another implementation: tokens forged from section 5 of the design, verdicts from section 6.

Nothing here was taken from the Rust code. Each round is a `Cookie` header of genuine and broken mains, companions and values
in any order; what `/lab/echo` says of it has to be what the model says.
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import random
import time
import unittest

from server import KEYS, Portal

LABEL = b"tower-cookie-policy/v1/"
POLICY = b"broadcloud"
LIMIT = 12 * 3600
ROUNDS = int(os.environ.get("VERDICTS", "1500"))

# The last one has the short id of the first one.
TRANSACTIONS = [b"\1" * 8, b"\2" * 8, b"\3" * 8, b"\1\1\1\1\7\7\7\7"]


def sha256(message):
    return hashlib.sha256(message).digest()


def hmac_sha256(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def hkdf(key, info):
    """HKDF-SHA256 without a salt, 32 bytes: one block of RFC 5869."""
    return hmac_sha256(hmac_sha256(bytes(32), key), info + b"\1")


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def octets(text, length):
    """What this encodes, if it is canonical and of this length."""
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return found if len(found) == length and b64(found) == text else None


def seconds(time):
    return time.to_bytes(4, "big")


MAIN = "TS01" + sha256(LABEL + b"ts\0" + POLICY)[:3].hex()


def companion(name):
    return "TS" + sha256(LABEL + b"guard\0" + POLICY + b"\0" + name.encode())[:4].hex() + "d"


class Key:
    def __init__(self, octets):
        self.kid = hkdf(octets, LABEL + b"kid")[:1]
        purposes = (b"ts-main", b"ts-guard", b"node")
        self.of = {purpose: hkdf(octets, LABEL + purpose + b"\0" + POLICY) for purpose in purposes}

    def mac(self, purpose, message):
        return hmac_sha256(self.of[purpose], message)[:16]

    def label(self, node):
        return b64(self.mac(b"node", node.encode())[:8])

    def main(self, txn, started):
        return b64(b"\1" + self.kid + txn + seconds(started) + self.mac(b"ts-main", txn + seconds(started)))

    def guard(self, name, value, txn, issued):
        """The MAC of a companion."""
        name, value = name.encode(), value.encode()
        return self.mac(b"ts-guard", bytes([len(name)]) + name + txn + issued + value)

    def companion(self, name, value, txn, issued):
        issued = seconds(issued)
        return b64(b"\1" + self.kid + txn[:4] + issued + self.guard(name, value, txn, issued))


NEXT_KEY = bytes(range(32))
OURS, NEXT, RETIRED = (Key(bytes.fromhex(KEYS)), Key(NEXT_KEY), Key(bytes(range(1, 33))))
NODES = "web-1,web-2=draining,web-3=dead"
# What leads to no node is not let in, whatever speaks for it.
NOWHERE = {OURS.label("web-3"): "dead", NEXT.label("web-3"): "dead", RETIRED.label("web-1"): "unknown"}
VALUES = {
    "cart": ["1", "2", "a=b", '"q"'],
    "JSESSIONID": ["0" * 32, "F" * 32],
    "bsloc": [OURS.label("web-1"), OURS.label("web-2"), NEXT.label("web-1"), *NOWHERE],
    "X-Appia-UUID": [f"00000000-0000-4000-8000-00000000000{last}" for last in "12"],
}


class Model:
    """Section 6 for one request."""

    def __init__(self, pairs, now):
        self.keys = {key.kid: key for key in (OURS, NEXT)}
        self.values = {name: [value for known, value in pairs if known == name] for name in VALUES}
        self.companions = {name: [v for known, v in pairs if known == companion(name)][-8:] for name in VALUES}
        self.live, self.over = [], False
        for main in [value for name, value in pairs if name == MAIN][-8:]:
            self._main(octets(main, 30), now)

    def _main(self, main, now):
        if main is None or main[0] != 1 or main[1:2] not in self.keys:
            return
        if self.keys[main[1:2]].mac(b"ts-main", main[2:14]) != main[14:]:
            return
        started = int.from_bytes(main[10:14], "big")
        if now >= started + LIMIT or started > now + 60:
            self.over = True
        elif main[2:10] not in self.live:
            self.live.append(main[2:10])

    def _verdict(self, name, value, text, txn):
        found = octets(text, 26)
        if found is None or found[0] != 1 or found[1:2] not in self.keys:
            return "malformed"
        if found[2:6] != txn[:4]:
            return "other_transaction"
        return "ok" if self.keys[found[1:2]].guard(name, value, txn, found[6:10]) == found[10:] else "modified"

    def _good(self, name, txn):
        tried = lambda value: any(self._verdict(name, value, text, txn) == "ok" for text in self.companions[name])
        return {value for value in self.values[name] if tried(value)}

    def _chosen(self):
        """The transaction; none where two are as good, and `any` where nothing verifies under any."""
        if len(self.live) == 1:
            return self.live[0]
        some = [txn for txn in self.live if any(self._good(name, txn) for name in VALUES)]
        if len(some) > 1:
            some = [txn for txn in some if self._good("JSESSIONID", txn)]
            return some[0] if len(some) == 1 else None
        return some[0] if some else any

    def verdicts(self):
        """Of each name that came: the values that are let in, and the reasons of the others, where they are fixed."""
        chosen = self._chosen() if self.live else None
        for name, values in self.values.items():
            if values:
                yield name, *self._of(name, values, chosen)

    def _of(self, name, values, chosen):
        if self.live and chosen is None:
            return [], {"duplicate"}
        if not self.companions[name]:
            return [], {"unsigned"}
        if not self.live:
            return [], {"expired" if self.over else "no_transaction"}
        if chosen is any:
            return [], None
        verified = self._good(name, chosen)
        good = verified - set(NOWHERE)
        if len(good) > 1:
            return [], None
        nowhere = {NOWHERE[value] for value in verified - good}
        found = [{self._verdict(name, v, text, chosen) for text in self.companions[name]} for v in values if v not in verified]
        order = ["modified", "other_transaction", "malformed"]
        return list(good), nowhere | {next(reason for reason in order if reason in each) for each in found}


class Dice(random.Random):
    """Headers of true and broken pieces."""

    def often(self, share):
        return self.random() < share

    def broken(self, text):
        if self.often(0.1):
            at = self.randrange(len(text))
            return text[:at] + self.choice("ABCDabcd_-9") + text[at + 1 :]
        if self.often(0.05):
            return self.choice(["", "x", text[:-1], text + "A", text + "=", "B" + text[1:]])
        return text

    def key(self):
        return self.choice([OURS, NEXT, RETIRED]) if self.often(0.3) else OURS

    def header(self, now):
        pairs, started = [], {}
        for _ in range(self.choice([0, 1, 1, 1, 1, 2, 2, 3, 10])):
            txn = self.choice(TRANSACTIONS) if self.often(0.5) else TRANSACTIONS[0]
            begun = self.choice([600 - LIMIT, -LIMIT - 1, -5, 3600, -now, 2**32 - 1 - now]) if self.often(0.4) else 0
            # A transaction has one start.
            pairs.append((MAIN, self.broken(self.key().main(txn, started.setdefault(txn, now + begun)))))
        for name in self.sample(list(VALUES), self.randint(1, 4)):
            value = lambda: self.choice(VALUES[name])
            pairs += [(name, value()) for _ in range(self.choice([1, 1, 1, 2, 3]))]
            for _ in range(self.choice([0, 1, 1, 1, 2, 3, 10])):
                txn = self.choice(TRANSACTIONS) if self.often(0.4) else TRANSACTIONS[0]
                other = self.choice(list(VALUES)) if self.often(0.05) else name
                text = self.key().companion(other, value(), txn, now if self.often(0.9) else 0)
                pairs.append((companion(name), self.broken(text)))
        self.shuffle(pairs)
        return pairs


class Browser:
    def __init__(self, portal):
        self.connection = http.client.HTTPConnection(portal.host, portal.port)

    def echo(self, pairs):
        cookie = "; ".join(f"{name}={value}" for name, value in pairs)
        self.connection.request("GET", "/lab/echo", headers={"Cookie": cookie} if cookie else {})
        answer = self.connection.getresponse()
        body = answer.read()
        lines = answer.headers.get_all("Set-Cookie", [])
        deleted = {line.split("=")[0] for line in lines if "Max-Age=0" in line}
        return answer.status, json.loads(body) if answer.status == 200 else None, deleted


class Verdicts(unittest.TestCase):
    def ask(self, action, seed):
        dice = Dice(seed)
        portal = Portal("--action", action, "--nodes", NODES, keys=f"{KEYS},{NEXT_KEY.hex()}")
        self.addCleanup(portal.stop)
        browser = Browser(portal)
        self.addCleanup(browser.connection.close)
        for at in range(ROUNDS):
            now = int(time.time())
            pairs = dice.header(now)
            yield f"{action}, seed {seed}, round {at}: {pairs}", browser, pairs, list(Model(pairs, now).verdicts())

    def agree(self, why, echo, verdicts):
        for name, let_in, reasons in verdicts:
            self.assertEqual(let_in, [value for known, value in echo["cookies"] if known == name], f"{name}: {why}")
            found = {one["reason"] for one in echo["refusals"] if one["name"] == name}
            if reasons is not None:
                self.assertEqual(reasons, found, f"{name}: {why}")
        self.assertFalse([name for name, _ in echo["cookies"] if name.startswith("TS")], why)

    def test_strip(self):
        for why, browser, pairs, verdicts in self.ask("strip", 1):
            status, echo, _ = browser.echo(pairs)
            self.assertEqual(200, status, why)
            self.agree(why, echo, verdicts)

    def test_reject(self):
        """A 403 is for `modified`, `malformed` and several genuine values of a cookie that is not let in, and for nothing else:
        not for several genuine transactions, and not for the label of a node."""
        for why, browser, pairs, verdicts in self.ask("reject", 2):
            status, echo, deleted = browser.echo(pairs)
            absent = [reasons for name, let_in, reasons in verdicts if not let_in and name != "bsloc"]
            bad = {"modified", "malformed"}
            if status == 200:
                # A companion under a retired key is `malformed`, and a loss: so `malformed` need not be a 403.
                self.assertFalse([one for one in absent if one and "modified" in one], why)
                self.agree(why, echo, verdicts)
                continue
            self.assertEqual(403, status, why)
            self.assertTrue([one for one in absent if one is None or one & bad], why)
            # Each deletes something, so it comes to an end: mostly at once, and always where a browser has one of each name.
            for _ in range(len(VALUES) + 1):
                if status == 200:
                    break
                self.assertTrue(deleted & {name for name, _ in pairs}, why)
                pairs = [(name, value) for name, value in pairs if name not in deleted]
                status, _, deleted = browser.echo(pairs)
            self.assertEqual(200, status, why)


if __name__ == "__main__":
    unittest.main()
