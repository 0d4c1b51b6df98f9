"""Whoever reads a store's dump learns nothing that lets him in: no id, no validator, no key, in no spelling."""

import base64
import binascii
import hashlib
import unittest

from browser import Browser
from crowd import LOGIN
from server import KEYS, Portal
from stores import PostgreSQL, Redis, SQLite
from wire import ask


def spellings(secret):
    """A secret of letters, and the bytes that it may stand for, as dumps write them."""
    raw = {secret.encode()}
    if len(secret) % 2 == 0 and all(letter in "0123456789abcdefABCDEF" for letter in secret):
        raw.add(binascii.unhexlify(secret))
    for decode in [base64.urlsafe_b64decode, base64.b64decode]:
        try:
            raw.add(decode(secret + "=" * (-len(secret) % 4)))
        except (binascii.Error, ValueError):
            pass
    spelled = set()
    for one in raw:
        if len(one) < 8:
            continue
        plain = base64.b64encode(one).rstrip(b"=")
        spelled |= {one, binascii.hexlify(one), plain, base64.urlsafe_b64encode(one).rstrip(b"=")}
        spelled.add("".join(f"\\x{byte:02x}" for byte in one).encode())
    return {word.lower() for word in spelled}


class Dump:
    def start(self):
        raise NotImplementedError

    def test_a_dump_lets_nobody_in(self):
        store = self.start()
        self.addCleanup(store.stop)
        portal = Portal("--store", store.url())
        self.addCleanup(portal.stop)
        secrets, notes, known = [], [], []
        for at in range(3):
            browser = Browser(portal.address)
            browser.post("/login", {"user": f"mustermann-{at}", "password": "demo", "remember": "on"})
            known.append(browser.id)
            secrets += [browser.id, *browser.cookies[LOGIN].split(".")[0].split("~")]
            browser.post("/note", {"text": f"a note of {at}"})
            notes.append(f"a note of {at}")
            # A renewed id, a successor of the login, a session that has ended.
            browser.post("/renew")
            known.append(browser.id)
            self.assertEqual(ask(portal.address, "POST", "/lab/clock", body=b"4000").status, 200)
            again = Browser(portal.address, **{LOGIN: browser.cookies[LOGIN]})
            again.post("/resume")
            secrets += [browser.id, again.id, *again.cookies[LOGIN].split(".")[0].split("~")]
            secrets += [value for name, value in again.cookies.items() if name.startswith(("TS", "X-Appia"))]
            Browser(portal.address).sign_in("passing").post("/logout")
        dump = store.dump().lower()
        found = lambda word: word.lower() in dump or binascii.hexlify(word).lower() in dump  # noqa: E731
        for note in notes:
            self.assertTrue(found(note.encode()), "the dump is one of this store's")
        hashes = [hashlib.sha256(id.encode()).digest() for id in known]
        self.assertTrue(any(found(key) for key in hashes), "sessions lie under the hash of their id")
        self.assertTrue(all(len(secret) >= 16 for secret in secrets), [len(secret) for secret in secrets])
        for secret in [*secrets, KEYS]:
            for word in spellings(secret):
                self.assertFalse(found(word), f"the dump holds {len(word)} bytes of a secret")


class OfAFile(Dump, unittest.TestCase):
    def start(self):
        return SQLite()


class OfPostgreSQL(Dump, unittest.TestCase):
    def start(self):
        return PostgreSQL()


class OfRedis(Dump, unittest.TestCase):
    def start(self):
        return Redis()


if __name__ == "__main__":
    unittest.main()
