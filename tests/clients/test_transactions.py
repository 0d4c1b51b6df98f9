"""The TS cookies from outside: what becomes of a cookie that was changed, or whose TS cookies are lost or too old."""

import unittest

from set_cookie import lines
from transactions import COMPANION, MAIN, OPAQUE, Transactions, under
from wire import FORM, ask

TWELVE_HOURS = 43_200


class Changed(Transactions):
    @under("strip", "reject", "report")
    def test_a_changed_cart_is_absent_or_rejected_or_reported(self, action, address):
        browser = self.shopper(address)
        browser.cookies["cart"] = "beer"
        if action == "strip":
            self.absent(browser, "modified")
        elif action == "reject":
            self.rejected(browser, "cart")
            self.assertNotIn("cart", browser.cookies)
        else:
            self.assertEqual(browser.get("/cart").json, {"cart": "beer"})
            self.assertEqual(self.refusals(browser), [("cart", "modified")])
        self.assertEqual(self.counted(address)["refused"]["modified"], 1 if action == "reject" else 2)
        # What the server sets next is true again.
        browser.post("/cart", {"item": "milk"})
        self.assertEqual(self.refusals(browser), [])
        self.assertEqual(browser.get("/cart").json, {"cart": "milk"})

    def test_the_403_is_the_same_whatever_the_reason(self):
        address = self.start("--action", "reject").address
        browser = self.shopper(address)
        browser.cookies["cart"] = "beer"
        changed = browser.captured().get("/cart")
        elsewhere = ask(address, "POST", "/cart", FORM, b"Origin: https://elsewhere.example", body=b"item=tea")
        flow = browser.captured()
        flow.cookies["cart"] = "tea"
        flow = flow.post("/transfer", {"to": "12"})
        for answer in [changed, elsewhere, flow]:
            self.assertEqual((answer.status, answer.body), (403, OPAQUE))
            self.assertEqual(answer.one("cache-control"), "no-store")
            self.assertEqual(answer.headers[0], ("content-type", "text/plain; charset=utf-8"))
        self.assertEqual((elsewhere.set_cookies, flow.set_cookies), ([], []))

    def test_a_browser_gets_a_page_with_a_way_back_the_same_whatever_the_reason(self):
        address = self.start("--action", "reject").address
        browser = self.shopper(address)
        cookies = browser.header()
        browser.cookies["cart"] = "beer"
        changed, elsewhere = browser.header(), b"Origin: https://elsewhere.example"
        for accept, is_page in [
            (b"text/html,application/xhtml+xml,*/*;q=0.8", True),
            (b"application/json, TEXT/HTML;q=0.9", True),
            (b"application/json", False),
            (b"text/html-like, */*", False),
            (b"\xff", False),
        ]:
            accept = b"Accept: " + accept
            answers = [
                ask(address, "GET", "/cart", b"Cookie: " + changed, accept),
                ask(address, "POST", "/cart", FORM, b"Cookie: " + cookies, elsewhere, accept, body=b"item=tea"),
                ask(address, "GET", "/transfer", b"Cookie: " + cookies, accept),
            ]
            for answer in answers:
                self.assertEqual((answer.status, answer.one("cache-control")), (403, "no-store"))
                self.assertEqual(answer.body, answers[0].body)
                self.assertEqual(answer.body != OPAQUE, is_page, accept)
            kind = "text/html; charset=utf-8" if is_page else "text/plain; charset=utf-8"
            self.assertEqual(answers[0].one("content-type"), kind)
            self.assertEqual(is_page, b'<a href="/">Back to the first page</a>' in answers[0].body)
            self.assertEqual([bool(answer.set_cookies) for answer in answers], [True, False, False])
        german = ask(address, "GET", "/transfer", b"Accept: text/html", b"Accept-Language: de")
        self.assertIn("Zurück zur Startseite", german.body.decode())

    def test_under_report_a_sign_in_never_makes_a_changed_cart_true(self):
        address = self.start("--action", "report").address
        browser = self.shopper(address)
        browser.cookies["cart"] = "beer"
        before = browser.cookies[COMPANION["cart"]]
        answer = browser.post("/login", {"user": "anna", "password": "demo"})
        self.assertEqual(answer.status, 303)
        names = [line.name for line in lines(answer.set_cookies)]
        guarded = ["JSESSIONID", "X-Appia-UUID", "bsloc"]
        self.assertCountEqual(names, [*guarded, "X-Appia-ExtAuth", MAIN, *(COMPANION[name] for name in guarded)])
        self.assertEqual(browser.cookies[COMPANION["cart"]], before)
        self.assertEqual(browser.get("/cart").json, {"cart": "beer"})
        self.assertEqual(self.refusals(browser), [("cart", "other_transaction")])
        self.assertEqual(browser.user, "anna")
        for path in ["/renew", "/logout"]:
            answer = browser.post(path)
            self.assertNotIn(COMPANION["cart"], [line.name for line in lines(answer.set_cookies)], path)

    @under("strip", "reject", "report")
    def test_a_true_cart_goes_on_through_sign_in_and_sign_out(self, _, address):
        browser = self.shopper(address)
        for step in [browser.sign_in, lambda: browser.post("/renew"), lambda: browser.post("/logout"), browser.sign_in]:
            step()
            self.assertEqual(browser.get("/cart").json, {"cart": "tea"})
            self.assertEqual(self.refusals(browser), [])
        self.assertEqual(self.counted(address)["refused"], {})

    @under("strip", "reject", "report")
    def test_a_changed_session_id_is_absent_in_every_action(self, action, address):
        browser = self.shopper(address).sign_in()
        browser.cookies["JSESSIONID"] = "A" * 32
        if action == "reject":
            self.rejected(browser, "JSESSIONID")
        else:
            self.assertEqual(self.refusals(browser), [("JSESSIONID", "modified")])
        self.assertIsNone(browser.user)
        self.assertEqual(browser.get("/cart").json, {"cart": "tea"})
        self.assertNotIn("A" * 32, str(browser.get("/lab/echo").json["cookies"]))

    def test_every_changed_character_of_a_ts_cookie_is_noticed(self):
        address = self.start().address
        browser = self.shopper(address)
        for name, reasons in [
            (MAIN, {"no_transaction"}),
            (COMPANION["cart"], {"malformed", "modified", "other_transaction"}),
        ]:
            value = browser.cookies[name]
            for at, character in enumerate(value):
                with self.subTest(name=name, at=at):
                    changed = browser.captured()
                    changed.cookies[name] = value[:at] + ("B" if character == "A" else "A") + value[at + 1 :]
                    [(refused, reason)] = self.refusals(changed)
                    self.assertEqual(refused, "cart")
                    self.assertIn(reason, reasons)
            for wrong in ["", "A", value[:-1], value + "A", value + "=", value + value, "x" * 4000]:
                with self.subTest(name=name, wrong=wrong[:50]):
                    changed = browser.captured()
                    changed.cookies[name] = wrong
                    self.assertEqual(
                        self.refusals(changed), [("cart", "no_transaction" if name == MAIN else "malformed")]
                    )


class Lost(Transactions):
    @under("strip", "reject")
    def test_without_ts_cookies_the_cart_is_absent_and_never_a_403(self, action, address):
        whole = self.shopper(address)
        for lost, reason in [
            ([COMPANION["cart"]], "unsigned"),
            ([MAIN], "no_transaction"),
            ([MAIN, COMPANION["cart"]], "unsigned"),
        ]:
            browser = whole.captured()
            for name in lost:
                del browser.cookies[name]
            self.absent(browser, reason)
            # The next thing that the server sets is whole again.
            browser.post("/cart", {"item": "milk"})
            self.assertEqual(browser.get("/cart").json, {"cart": "milk"})
            self.assertEqual(self.refusals(browser), [])

    def test_under_report_it_is_let_in_and_counted(self):
        address = self.start("--action", "report").address
        browser = self.shopper(address)
        del browser.cookies[MAIN]
        del browser.cookies[COMPANION["cart"]]
        self.assertEqual(browser.get("/cart").json, {"cart": "tea"})
        self.assertEqual(self.refusals(browser), [("cart", "unsigned")])
        browser.sign_in()
        self.assertNotIn(COMPANION["cart"], browser.cookies)
        self.assertEqual(self.refusals(browser), [("cart", "unsigned")])

    @under("strip", "reject", "report")
    def test_a_transaction_ends_after_twelve_hours_and_not_before(self, action, address):
        browser = self.shopper(address)
        self.wait(address, TWELVE_HOURS - 60)
        self.assertEqual(browser.get("/cart").json, {"cart": "tea"})
        self.assertEqual(self.refusals(browser), [])
        self.wait(address, 60)
        if action == "report":
            self.assertEqual(browser.get("/cart").json, {"cart": "tea"})
            self.assertEqual(self.refusals(browser), [("cart", "expired")])
        else:
            self.absent(browser, "expired")
        browser.post("/cart", {"item": "milk"})
        self.assertEqual(browser.get("/cart").json, {"cart": "milk"})
        self.assertEqual(self.refusals(browser), [])

if __name__ == "__main__":
    unittest.main()
