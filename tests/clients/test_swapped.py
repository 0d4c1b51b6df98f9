"""Cookies of two visitors, of two names or of two times in one request: transactions are never mixed."""

import unittest

from transactions import COMPANION, MAIN, OPAQUE, Transactions, under
from wire import get


class Swapped(Transactions):
    @under("strip", "reject")
    def test_values_of_two_visitors_are_not_exchanged(self, action, address):
        anna, bert = self.shopper(address, "tea"), self.shopper(address, "beer")
        anna.cookies["cart"], bert.cookies["cart"] = bert.cookies["cart"], anna.cookies["cart"]
        for browser in [anna, bert]:
            if action == "strip":
                self.absent(browser, "modified")
            else:
                self.rejected(browser, "cart")

    @under("strip", "reject")
    def test_one_visitors_transaction_does_not_hold_anothers_cookies(self, _, address):
        anna, bert = self.shopper(address).sign_in("anna"), self.shopper(address, "beer").sign_in("bert")
        # The main alone, and with the companion of the very same value: none is an alarm.
        mixed = anna.captured()
        mixed.cookies[MAIN] = bert.cookies[MAIN]
        self.assertCountEqual(
            self.refusals(mixed), [(name, "other_transaction") for name in ["cart", "JSESSIONID", "X-Appia-UUID", "bsloc"]]
        )
        self.assertEqual((mixed.user, mixed.get("/cart").json), (None, {"cart": None}))
        mixed = anna.captured()
        for name in ["cart", COMPANION["cart"]]:
            mixed.cookies[name] = bert.cookies[name]
        self.absent(mixed, "other_transaction")
        self.assertEqual(mixed.user, "anna")

    @under("strip", "reject")
    def test_anothers_ts_cookies_beside_ones_own_values_are_modified(self, action, address):
        anna, bert = self.shopper(address), self.shopper(address, "beer")
        for name in [MAIN, COMPANION["cart"]]:
            anna.cookies[name] = bert.cookies[name]
        if action == "strip":
            self.absent(anna, "modified")
        else:
            self.rejected(anna, "cart")

    @under("strip", "reject")
    def test_one_cookies_companion_is_none_for_another(self, action, address):
        browser = self.shopper(address).sign_in()
        browser.cookies["cart"] = browser.cookies["JSESSIONID"]
        browser.cookies[COMPANION["cart"]] = browser.cookies[COMPANION["JSESSIONID"]]
        if action == "strip":
            self.absent(browser, "modified")
        else:
            self.rejected(browser, "cart")
        self.assertEqual(browser.user, "anna")

    @under("strip", "reject")
    def test_what_a_late_answer_brings_under_the_old_transaction_is_lost_and_no_alarm(self, _, address):
        browser = self.shopper(address)
        late = browser.captured()
        browser.sign_in()
        late.post("/cart", {"item": "milk"})
        browser.cookies.update((name, late.cookies[name]) for name in ["cart", COMPANION["cart"]])
        self.absent(browser, "other_transaction")
        self.assertEqual(browser.user, "anna")
        browser.post("/cart", {"item": "tea"})
        self.assertEqual(browser.get("/cart").json, {"cart": "tea"})
        self.assertEqual(self.refusals(browser), [])


class Twice(Transactions):
    def echo(self, address, *pairs):
        answer = get(address, "/lab/echo", "; ".join(f"{name}={value}" for name, value in pairs).encode())
        self.assertEqual(answer.status, 200)
        return answer.json["cookies"], [refusal["reason"] for refusal in answer.json["refusals"]]

    @under("strip", "reject", "report")
    def test_the_true_value_counts_beside_forged_ones_in_both_orders(self, _, address):
        true = list(self.shopper(address).cookies.items())
        other = self.shopper(address, "beer").cookies
        for forged, refused in [
            ([("cart", "beer")], ["modified"]),
            ([("cart", "beer"), ("cart", "milk")], ["modified"] * 2),
            ([("cart", "tea")], []),
            ([(MAIN, "forged")], []),
            ([(MAIN, other[MAIN])], []),
            ([(COMPANION["cart"], "forged")], []),
            ([(COMPANION["cart"], other[COMPANION["cart"]])], []),
            ([(MAIN, "A" * 40)] * 7, []),
            ([("cart", "beer"), (MAIN, "A" * 40), (COMPANION["cart"], "A" * 35)], ["modified"]),
        ]:
            for pairs in [[*forged, *true], [*true, *forged]]:
                with self.subTest(names=[name for name, _ in pairs]):
                    self.assertEqual(self.echo(address, *pairs), ([["cart", "tea"]], refused))

    def test_two_whole_sets_are_none_and_a_session_decides(self):
        address = self.start().address
        anna, bert = self.shopper(address).cookies, self.shopper(address, "beer").cookies
        for first, second in [(anna, bert), (bert, anna)]:
            cookies, refused = self.echo(address, *first.items(), *second.items())
            self.assertEqual((cookies, refused), ([], ["duplicate"] * 2))
        signed_in = self.shopper(address, "milk").sign_in().cookies
        for first, second in [(anna, signed_in), (signed_in, anna)]:
            cookies, refused = self.echo(address, *first.items(), *second.items())
            own = [[name, signed_in[name]] for name in ["cart", "JSESSIONID", "X-Appia-UUID", "bsloc"]]
            self.assertCountEqual(cookies, [*own, ["X-Appia-ExtAuth", "anna"]])
            self.assertEqual(len(refused), 1)

    @under("strip", "reject")
    def test_an_older_value_of_the_same_visitor_beside_the_newer_is_a_duplicate(self, action, address):
        browser = self.shopper(address)
        older = browser.captured()
        browser.post("/cart", {"item": "milk"})
        pairs = [*older.cookies.items(), *((name, browser.cookies[name]) for name in ["cart", COMPANION["cart"]])]
        for order in [pairs, pairs[::-1]]:
            header = "; ".join(f"{name}={value}" for name, value in order).encode()
            answer = get(address, "/cart", header)
            if action == "reject":
                self.assertEqual((answer.status, answer.body), (403, OPAQUE))
            else:
                self.assertEqual((answer.status, answer.json), (200, {"cart": None}))
        self.assertEqual(self.counted(address)["refused"], {"duplicate": 4})

if __name__ == "__main__":
    unittest.main()
