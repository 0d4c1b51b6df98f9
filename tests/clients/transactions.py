"""What the suites about TS cookies share: a visitor with a cart, and what may become of it."""

import functools
import unittest

from browser import Browser
from server import Portal
from set_cookie import lines
from wire import ask, get

MAIN = "TS017a625a"
COMPANION = {
    "cart": "TSfe73894ad",
    "JSESSIONID": "TSde659670d",
    "X-Appia-UUID": "TS7a10645ed",
    "bsloc": "TS1eb38b6cd",
}
OPAQUE = b"Forbidden\n"


def under(*actions):
    """The test once under each of the actions, with the address of a portal of its own."""

    def each(test):
        @functools.wraps(test)
        def one_by_one(self):
            for action in actions:
                with self.subTest(action=action):
                    test(self, action, self.start("--action", action).address)

        return one_by_one

    return each


class Transactions(unittest.TestCase):
    def start(self, *options, **more):
        portal = Portal(*options, **more)
        self.addCleanup(portal.stop)
        return portal

    def shopper(self, address, item="tea"):
        browser = Browser(address)
        self.assertEqual(browser.post("/cart", {"item": item}).status, 303)
        self.assertCountEqual(browser.cookies, ["cart", MAIN, COMPANION["cart"]])
        return browser

    def wait(self, address, seconds):
        self.assertEqual(ask(address, "POST", "/lab/clock", body=str(seconds).encode()).status, 200)

    def refusals(self, browser):
        return [(refusal["name"], refusal["reason"]) for refusal in browser.get("/lab/echo").json["refusals"]]

    def counted(self, address):
        return get(address, "/lab/report").json

    def absent(self, browser, reason):
        """The cart is not there, for this reason, and that is all that happens."""
        answer = browser.get("/cart")
        self.assertEqual((answer.status, answer.json, answer.set_cookies), (200, {"cart": None}, []))
        self.assertEqual(self.refusals(browser), [("cart", reason)])

    def rejected(self, browser, *names):
        """403 that says nothing and deletes these cookies with their companions; after it the same jar passes."""
        answer = browser.get("/cart")
        self.assertEqual((answer.status, answer.body), (403, OPAQUE))
        deleted = lines(answer.set_cookies)
        self.assertCountEqual(
            [line.name for line in deleted], [*names, *(COMPANION[name] for name in names)]
        )
        for line in deleted:
            self.assertEqual((line.value, line.max_age), ("", 0))
        self.assertEqual(self.refusals(browser), [])
        self.assertEqual(browser.get("/cart").status, 200)
