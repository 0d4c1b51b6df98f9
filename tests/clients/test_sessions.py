"""The sessions of one user in several browsers: the list, and ending one of them, all, or those of a changed password."""

import time
import unittest

from browser import Browser
from server import Portal


class Sessions(unittest.TestCase):
    def setUp(self):
        self.portal = Portal()
        self.addCleanup(self.portal.stop)
        self.desk, self.phone, self.other = [
            Browser(self.portal.address).sign_in(user) for user in ["anna", "anna", "bert"]
        ]

    def listed(self, browser):
        answer = browser.get("/sessions")
        self.assertEqual(answer.status, 200)
        return answer.json

    def test_the_list_has_the_users_own_and_no_id(self):
        for browser, count in [(self.desk, 2), (self.phone, 2), (self.other, 1)]:
            answer = browser.get("/sessions")
            listed = answer.json
            self.assertEqual(len(listed), count)
            self.assertEqual([one["current"] for one in listed].count(True), 1)
            self.assertEqual(len({one["handle"] for one in listed}), count)
            for one in listed:
                self.assertCountEqual(one, ["handle", "created", "seen", "current"])
                self.assertLess(abs(one["created"] - time.time()), 60)
                self.assertLessEqual(one["created"], one["seen"])
            for held in [self.desk, self.phone, self.other]:
                self.assertNotIn(held.id, answer.body.decode())

    def test_each_browser_finds_itself(self):
        handle = {
            browser.id: next(one["handle"] for one in self.listed(browser) if one["current"])
            for browser in [self.desk, self.phone]
        }
        self.assertEqual(len(set(handle.values())), 2)
        self.desk.post("/renew")
        self.assertIn(handle[self.phone.id], [one["handle"] for one in self.listed(self.desk)])

    def test_one_browser_ends_the_other(self):
        (phones,) = [one["handle"] for one in self.listed(self.desk) if not one["current"]]
        self.assertEqual(self.desk.post("/sessions/revoke", {"session": phones}).status, 303)
        self.assertEqual((self.desk.user, self.phone.user, self.other.user), ("anna", None, "bert"))
        self.assertEqual(self.phone.post("/note", {"text": "late"}).status, 409)
        self.assertEqual(len(self.listed(self.desk)), 1)
        # A second click on the same button is no harm.
        self.assertEqual(self.desk.post("/sessions/revoke", {"session": phones}).status, 303)

    def test_one_browser_ends_itself(self):
        (desks,) = [one["handle"] for one in self.listed(self.desk) if one["current"]]
        self.desk.post("/sessions/revoke", {"session": desks})
        self.assertEqual((self.desk.user, self.desk.id, self.phone.user), (None, None, "anna"))

    def test_nobody_ends_somebody_elses(self):
        for handle in [one["handle"] for one in self.listed(self.desk)] + ["", "x", self.desk.id]:
            self.assertEqual(self.other.post("/sessions/revoke", {"session": handle}).status, 303)
        nobody = Browser(self.portal.address)
        self.assertEqual(nobody.post("/sessions/revoke", {"session": "x"}).status, 401)
        self.assertEqual((self.desk.user, self.phone.user, self.other.user), ("anna", "anna", "bert"))

    def test_everywhere_and_a_changed_password_end_them_all_and_no_other_users(self):
        for path in ["/logout/everywhere", "/password"]:
            with self.subTest(path=path):
                self.desk.sign_in("anna")
                self.phone.sign_in("anna")
                captured = self.desk.captured()
                self.assertEqual(self.desk.post(path).status, 303)
                self.assertIsNone(self.desk.id)
                for browser in [self.desk, self.phone, captured]:
                    self.assertIsNone(browser.user)
                self.assertEqual(self.phone.post("/note", {"text": "late"}).status, 409)
                self.assertEqual(self.other.user, "bert")

    def test_signing_out_here_leaves_the_others_alone(self):
        self.desk.post("/logout")
        self.assertEqual((self.desk.user, self.phone.user), (None, "anna"))
        self.assertEqual(len(self.listed(self.phone)), 1)


if __name__ == "__main__":
    unittest.main()
