"""Jars that lose what they were given: curl's and Python's without the TS cookies, or without what they guard."""

import itertools
import pathlib
import shutil
import tempfile
import unittest

from curl import Curl
from set_cookie import TRANSACTION
from test_cookiejar import Opener
from transactions import MAIN, Transactions


class CurlJar:
    """curl's file of cookies, with the scissors."""

    def __init__(self, portal, folder):
        self.client, self.file = Curl(portal, folder), folder / "jar"

    def names(self):
        rows = [line.split("\t") for line in self.file.read_text().splitlines()]
        return [row[5] for row in rows if len(row) == 7]

    def lose(self, lost):
        kept = []
        for line in self.file.read_text().splitlines(keepends=True):
            row = line.split("\t")
            if len(row) != 7 or not lost(row[5]):
                kept.append(line)
        self.file.write_text("".join(kept))


class PythonJar:
    """`http.cookiejar`, likewise."""

    def __init__(self, portal, folder):
        self.client = Opener(portal, folder / "jar")

    def names(self):
        return [cookie.name for cookie in self.client.jar]

    def lose(self, lost):
        for cookie in list(self.client.jar):
            if lost(cookie.name):
                self.client.jar.clear(cookie.domain, cookie.path, cookie.name)


class Lossy(Transactions):
    def jars(self):
        """One of each kind at a portal of each kind, with a cart, a theme and a session."""
        for action, kind in itertools.product(["strip", "reject"], [CurlJar, PythonJar]):
            portal = self.start("--action", action)
            folder = pathlib.Path(tempfile.mkdtemp())
            self.addCleanup(shutil.rmtree, folder)
            jar = kind(portal, folder)
            self.assertEqual(jar.client.post("/cart", {"item": "tea"}).status, 303)
            self.assertEqual(jar.client.post("/theme", {"theme": "dark"}).status, 303)
            self.assertEqual(jar.client.post("/login", {"user": "anna", "password": "demo"}).status, 303)
            yield jar

    def refused(self, jar):
        echo = jar.client.get("/lab/echo")
        self.assertEqual(echo.status, 200)
        return {refusal["name"]: refusal["reason"] for refusal in echo.json["refusals"]}

    def test_a_whole_jar_comes_back_verified(self):
        for jar in self.jars():
            jar.client = jar.client.come_back()
            self.assertEqual(self.refused(jar), {})
            self.assertEqual(jar.client.get("/cart").json, {"cart": "tea"})
            self.assertEqual(jar.client.get("/whoami").json["user"], "anna")
            self.assertEqual(len([name for name in jar.names() if TRANSACTION.fullmatch(name)]), 5)

    def test_one_without_ts_cookies_is_a_stranger_and_no_alarm(self):
        for lost, reason in [(TRANSACTION.fullmatch, "unsigned"), (MAIN.__eq__, "no_transaction")]:
            for jar in self.jars():
                jar.lose(lost)
                guarded = ["cart", "JSESSIONID", "X-Appia-UUID", "bsloc"]
                self.assertEqual(self.refused(jar), dict.fromkeys(guarded, reason))
                self.assertEqual(jar.client.get("/cart").json, {"cart": None})
                self.assertIsNone(jar.client.get("/whoami").json["user"])
                self.assertEqual(jar.client.get("/theme").json, {"theme": "dark"})
                # What the server sets anew is whole.
                jar.client.post("/cart", {"item": "milk"})
                jar.client.post("/login", {"user": "bert", "password": "demo"})
                self.assertEqual(self.refused(jar), {})
                self.assertEqual(jar.client.get("/cart").json, {"cart": "milk"})
                self.assertEqual(jar.client.get("/whoami").json["user"], "bert")

    def test_one_with_ts_cookies_alone_is_nobody_and_no_alarm(self):
        for jar in self.jars():
            jar.lose(lambda name: name in ["cart", "JSESSIONID"])
            self.assertEqual(self.refused(jar), {})
            self.assertEqual(jar.client.get("/cart").json, {"cart": None})
            self.assertIsNone(jar.client.get("/whoami").json["user"])
            jar.client.post("/cart", {"item": "milk"})
            self.assertEqual(jar.client.get("/cart").json, {"cart": "milk"})
            self.assertEqual(self.refused(jar), {})


if __name__ == "__main__":
    unittest.main()
