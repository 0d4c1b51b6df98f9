"""Keys that are rolled and cookies from before there were any: a jar that the site knows goes on without an alarm."""

import unittest

from browser import Browser
from set_cookie import TRANSACTION, lines
from transactions import COMPANION, MAIN, Transactions

OLD, NEW = "6f" * 32, "a1" * 32


class Rolled(Transactions):
    def serve(self, *keys, action="reject"):
        return self.start("--action", action, keys=",".join(keys)).address

    def moved(self, browser, address):
        """The same jar, and a portal that was started again."""
        return Browser(address, **browser.cookies)

    def filled(self, address):
        browser = self.shopper(address)
        browser.post("/theme", {"theme": "dark"})
        browser.post("/draft", {"text": "für später"})
        return browser

    def assert_whole(self, browser):
        self.assertEqual(browser.get("/cart").json, {"cart": "tea"})
        self.assertEqual(browser.get("/theme").json, {"theme": "dark"})
        self.assertEqual(browser.get("/draft").json, {"draft": "für später"})
        self.assertEqual(self.refusals(browser), [])

    def test_a_jar_survives_every_step_until_its_key_is_retired(self):
        for action in ["strip", "reject"]:
            with self.subTest(action=action):
                browser = self.filled(self.serve(OLD, action=action))
                first = dict(browser.cookies)
                for keys in [[OLD], [OLD, NEW]]:
                    browser = self.moved(browser, self.serve(*keys, action=action))
                    self.assert_whole(browser)
                    self.assertEqual(browser.cookies, first)
                browser = self.moved(browser, self.serve(NEW, OLD, action=action))
                self.assert_whole(browser)
                # What outlives a transaction is under the new key by now; a transaction ends with its own.
                for name in ["theme", "draft"]:
                    self.assertNotEqual(browser.cookies[name], first[name])
                for name in ["cart", MAIN, COMPANION["cart"]]:
                    self.assertEqual(browser.cookies[name], first[name])
                browser = self.moved(browser, self.serve(NEW, action=action))
                self.absent(browser, "no_transaction")
                self.assertEqual(browser.get("/theme").json, {"theme": "dark"})
                self.assertEqual(browser.get("/draft").json, {"draft": "für später"})
                browser.post("/cart", {"item": "tea"})
                self.assert_whole(browser)

    def test_machines_that_sign_with_either_key_share_a_visitor(self):
        for first, second in [([OLD, NEW], [NEW, OLD]), ([NEW, OLD], [OLD, NEW])]:
            with self.subTest(first=first[0][:2]):
                one, other = self.serve(*first), self.serve(*second)
                browser = self.filled(one)
                for address in [other, one, other]:
                    browser = self.moved(browser, address)
                    self.assert_whole(browser)
                browser.post("/cart", {"item": "tea"})
                self.assert_whole(self.moved(browser, one))

    def test_a_jar_that_slept_through_the_rolling_is_no_alarm(self):
        browser = self.moved(self.filled(self.serve(OLD)), self.serve(NEW))
        for path in ["/cart", "/theme", "/draft"]:
            answer = browser.get(path)
            self.assertEqual((answer.status, answer.json), (200, {path[1:]: None}))
        self.assertCountEqual(
            self.refusals(browser), [("cart", "no_transaction"), ("theme", "malformed"), ("draft", "malformed")]
        )
        self.assert_whole(self.moved(self.filled(browser.address), browser.address))

    def test_a_session_that_the_store_forgot_is_no_alarm(self):
        browser = self.moved(self.shopper(self.serve(OLD)).sign_in(), self.serve(OLD))
        old = browser.id
        self.assertIsNone(browser.user)
        self.assertEqual(browser.get("/cart").json, {"cart": "tea"})
        browser.sign_in()
        self.assertNotEqual(browser.id, old)
        self.assertEqual((browser.user, browser.get("/cart").json), ("anna", {"cart": "tea"}))
        self.assertEqual(self.refusals(browser), [])

    def test_no_answer_issues_ts_cookies_for_a_new_key(self):
        browser = self.moved(self.filled(self.serve(OLD)), self.serve(NEW, OLD))
        for path in ["/", "/cart", "/theme", "/account", "/whoami"]:
            names = [line.name for line in lines(browser.get(path).set_cookies)]
            self.assertFalse([name for name in names if TRANSACTION.fullmatch(name)], path)

    def test_a_companion_of_a_key_that_nobody_has_is_no_alarm(self):
        here, elsewhere = self.shopper(self.serve(OLD)), self.shopper(self.serve(NEW))
        here.cookies[COMPANION["cart"]] = elsewhere.cookies[COMPANION["cart"]]
        self.absent(here, "malformed")


class Adopted(Transactions):
    def setUp(self):
        self.address = self.start("--action", "reject", "--adopt", "3600").address

    def let_in(self, browser):
        answer = browser.get("/cart")
        self.assertEqual((answer.status, answer.json, answer.set_cookies), (200, {"cart": "legacy"}, []))
        self.assertEqual(self.refusals(browser), [])

    def test_a_cart_from_before_is_let_in_and_counted_until_the_time_is_over(self):
        browser = Browser(self.address, cart="legacy")
        self.let_in(browser)
        self.assertEqual(self.counted(self.address)["adopted"], {"cart": 2})
        self.wait(self.address, 3600 - 60)
        self.let_in(browser)
        self.wait(self.address, 60)
        self.absent(browser, "unsigned")
        counted = self.counted(self.address)
        self.assertEqual((counted["refused"], counted["adopted"]), ({"unsigned": 2}, {"cart": 4}))

    def test_who_has_a_transaction_is_not_from_before(self):
        known = self.shopper(self.address)
        for main in [known.cookies[MAIN], "forged", ""]:
            self.absent(Browser(self.address, **{"cart": "legacy", MAIN: main}), "unsigned")
        del known.cookies[MAIN]
        self.absent(known, "no_transaction")
        self.assertEqual(self.counted(self.address)["adopted"], {})

    def test_a_sign_in_makes_no_adopted_cart_true(self):
        browser = Browser(self.address, cart="legacy").sign_in()
        self.assertNotIn(COMPANION["cart"], browser.cookies)
        self.absent(browser, "unsigned")
        self.assertEqual(browser.user, "anna")

    def test_what_the_server_sets_itself_is_there_when_the_time_is_over(self):
        browser = Browser(self.address, cart="legacy")
        self.let_in(browser)
        browser.post("/cart", {"item": "tea"})
        self.wait(self.address, 3600)
        self.assertEqual(browser.get("/cart").json, {"cart": "tea"})
        self.assertEqual(self.refusals(browser), [])

    def test_a_session_id_is_never_adopted(self):
        browser = Browser(self.address, JSESSIONID="A" * 32)
        self.assertEqual(self.refusals(browser), [("JSESSIONID", "unsigned")])
        self.assertIsNone(browser.get("/whoami").json["session"])
        browser.sign_in()
        self.assertNotEqual(browser.id, "A" * 32)

    def test_what_carries_its_own_signature_is_never_adopted(self):
        browser = Browser(self.address, theme="dark")
        self.assertEqual(browser.get("/theme").json, {"theme": None})
        self.assertEqual(self.refusals(browser), [("theme", "unsigned")])
        self.assertEqual(self.counted(self.address)["adopted"], {})


if __name__ == "__main__":
    unittest.main()
