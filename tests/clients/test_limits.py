"""When a session ends on its own: by the server's clock, whatever the browser still sends."""

import unittest

from browser import Browser
from server import Portal
from set_cookie import lines
from transactions import COMPANION, MAIN
from wire import ask


class Limits(unittest.TestCase):
    def start(self, *options):
        self.portal = Portal(*options)
        self.addCleanup(self.portal.stop)
        return Browser(self.portal.address).sign_in()

    def wait(self, seconds):
        moved = ask(self.portal.address, "POST", "/lab/clock", body=str(seconds).encode())
        self.assertEqual(moved.status, 200)

    def ends(self, browser):
        old = browser.id
        answer = browser.get("/whoami")
        self.assertEqual((answer.json["user"], answer.json["session"]), (None, None))
        # After the absolute limit the transaction is over too, and the label of the node is issued in another.
        names = {line.name for line in lines(answer.set_cookies)}
        self.assertIn(names, [set(), {"bsloc", COMPANION["bsloc"], MAIN}])
        # It is nothing any more, so a write begins another session, under another id.
        self.assertEqual(browser.post("/note", {"text": "new"}).status, 303)
        self.assertNotEqual(browser.id, old)
        self.assertIsNone(browser.user)
        self.assertEqual(browser.get("/note").json, {"note": "new"})

    def test_half_an_hour_without_use_ends_it(self):
        browser = self.start()
        self.wait(30 * 60 - 30)
        self.assertEqual(browser.user, "anna")
        self.wait(30 * 60 + 1)
        self.ends(browser)

    def test_use_keeps_it_until_twelve_hours_are_over(self):
        browser = self.start()
        for _ in range(35):
            self.wait(20 * 60)
            self.assertEqual(browser.user, "anna")
        self.wait(20 * 60 + 1)
        self.ends(browser)

    def test_the_limits_are_those_of_the_command_line(self):
        browser = self.start("--idle", "600", "--absolute", "3600")
        self.wait(570)
        self.assertEqual(browser.user, "anna")
        self.wait(601)
        self.ends(browser)
        browser.sign_in()
        for _ in range(6):
            self.assertEqual(browser.user, "anna")
            self.wait(560)
        self.assertEqual(browser.user, "anna")
        self.wait(300)
        self.ends(browser)

    def test_a_sign_in_starts_the_limit_afresh_and_a_renewal_does_not(self):
        for path, fields, user in [
            ("/login", {"user": "anna", "password": "demo"}, "anna"),
            ("/renew", {}, None),
        ]:
            with self.subTest(path=path):
                browser = self.start("--idle", "3600", "--absolute", "3600")
                self.wait(1800)
                self.assertEqual(browser.post(path, fields).status, 303)
                self.wait(1801)
                self.assertEqual(browser.user, user)


if __name__ == "__main__":
    unittest.main()
