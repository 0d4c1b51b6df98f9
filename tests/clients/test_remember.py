"""Remembered logins over plain sockets: restarts, parallel first visits, lost responses, copies, backups, sign-outs."""

import concurrent.futures
import unittest
import urllib.parse

from browser import Browser
from server import Portal
from wire import FORM, ask

LOGIN = "root.autoUserLoginId"
USER = "X-Appia-ExtAuth"


class Remember(unittest.TestCase):
    def setUp(self):
        self.portal = Portal()
        self.addCleanup(self.portal.stop)

    def later(self, seconds):
        moved = ask(self.portal.address, "POST", "/lab/clock", body=str(seconds).encode())
        self.assertEqual(moved.status, 200)

    def remembered(self, user="anna"):
        browser = Browser(self.portal.address)
        answer = browser.post("/login", {"user": user, "password": "demo", "remember": "on"})
        self.assertEqual(answer.status, 303)
        self.assertIn(LOGIN, browser.cookies)
        return browser

    def restarted(self, browser):
        """The same browser once it was closed and opened."""
        return Browser(self.portal.address, **{LOGIN: browser.cookies[LOGIN]})

    def stolen(self):
        return Browser(self.portal.address).get("/lab/report").json["refused"].get("stolen", 0)

    def test_a_visitor_who_comes_back_is_greeted_and_signed_in_on_demand(self):
        browser = self.restarted(self.remembered())
        who = browser.get("/whoami").json
        self.assertEqual((who["user"], who["remembered"], who["session"]), (None, "anna", None))
        self.assertEqual(set(browser.cookies), {LOGIN})
        page = browser.get("/").body.decode()
        self.assertIn("Welcome back, anna", page)
        self.assertIn('value="anna"', page)
        answer = browser.post("/resume")
        self.assertEqual((answer.status, answer.one("location")), (303, "/"))
        who = browser.get("/whoami").json
        self.assertEqual((who["user"], who["remembered"], who["fresh"]), ("anna", "anna", False))
        page = browser.get("/").body.decode()
        self.assertIn("You are signed in because this browser remembers you", page)
        self.assertIn("This browser remembers you. Signing out forgets it.", page)
        # What matters takes the password.
        browser.sign_in()
        self.assertTrue(browser.get("/whoami").json["fresh"])
        self.assertIn("You gave your password in this session.", browser.get("/").body.decode())

    def forward(self, browser, to="+49 30 1"):
        """From the page with the form, as the flow has it."""
        headers = [b"Referer: %s/account" % self.portal.url.encode()]
        headers += [b"Cookie: " + browser.header()] if browser.cookies else []
        body = urllib.parse.urlencode({"to": to}).encode()
        return ask(self.portal.address, "POST", "/transfer", FORM, *headers, body=body)

    def test_a_users_calls_are_forwarded_by_who_gave_the_password_and_nobody_else(self):
        target, planted = "+49 30 1", "666"
        nobody, greeted = Browser(self.portal.address), self.restarted(self.remembered())
        noted = self.restarted(self.remembered())
        # Before the user resumes: an anonymous session beside the remembered login, whose values resuming keeps.
        for browser in [greeted, noted]:
            answer = browser.take(self.forward(browser, planted))
            self.assertEqual((answer.status, answer.one("location")), (303, "/account"))
            self.assertIn(f"<strong>{planted}</strong>", browser.get("/account").body.decode())
        # Without the flow it is the policy that answers.
        self.assertEqual(nobody.post("/transfer", {"to": target}).status, 403)
        for browser in [greeted, noted]:
            self.assertEqual(browser.post("/resume").status, 303)
            self.assertNotIn(planted, browser.get("/account").body.decode())
            answer = self.forward(browser)
            self.assertEqual((answer.status, answer.one("cache-control")), (401, "no-store"))
            page = answer.body.decode()
            self.assertIn("this takes your password", page)
            self.assertIn('value="anna"', page)
            self.assertNotIn(target, browser.get("/account").body.decode())
            browser.sign_in()
            answer = self.forward(browser)
            self.assertEqual((answer.status, answer.one("location")), (303, "/account"))
            self.assertIn(f"<strong>{target}</strong>", browser.get("/account").body.decode())

    def test_a_password_is_changed_by_who_gave_the_present_one(self):
        first = self.remembered()
        browser = self.restarted(first)
        self.assertEqual(browser.post("/resume").status, 303)
        answer = browser.post("/password")
        self.assertEqual((answer.status, answer.one("cache-control")), (401, "no-store"))
        page = answer.body.decode()
        self.assertIn("this takes your password", page)
        self.assertIn('value="anna"', page)
        self.assertEqual((browser.user, first.user), ("anna", "anna"))
        self.assertEqual(browser.sign_in().post("/password").status, 303)
        self.assertEqual((browser.user, first.user), (None, None))

    def test_nobody_is_resumed_without_a_login(self):
        for cookies in [{}, {LOGIN: "097"}, {LOGIN: "a~b"}, {LOGIN: "A" * 22 + "~" + "A" * 22 + "." + "A" * 35}]:
            browser = Browser(self.portal.address, **cookies)
            answer = browser.post("/resume")
            self.assertEqual((answer.status, answer.set_cookies), (401, []))
            self.assertIsNone(browser.get("/whoami").json["remembered"])

    def test_twenty_first_visits_at_once_are_one_user_with_one_successor(self):
        for path in ["/whoami", "/"]:
            browser = self.restarted(self.remembered())
            with concurrent.futures.ThreadPoolExecutor(20) as pool:
                visits = [browser.captured() for _ in range(20)]
                answers = list(pool.map(lambda visit: visit.get(path), visits))
            if path == "/whoami":
                self.assertEqual({answer.json["remembered"] for answer in answers}, {"anna"})
            successors = {line for answer in answers for line in answer.set_cookies if line.startswith(LOGIN)}
            self.assertEqual(len(successors), 1)
            self.assertEqual(self.stolen(), 0)

    def test_twenty_resumptions_at_once_are_one_user(self):
        browser = self.restarted(self.remembered())
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            visits = [browser.captured() for _ in range(20)]
            answers = list(pool.map(lambda visit: visit.post("/resume"), visits))
        self.assertEqual({answer.status for answer in answers}, {303})
        self.assertEqual({visit.user for visit in visits}, {"anna"})
        self.assertEqual(len({visit.cookies[LOGIN] for visit in visits} - {browser.cookies[LOGIN]}), 1)
        self.assertEqual(self.stolen(), 0)

    def test_a_lost_response_raises_no_alarm(self):
        browser = self.restarted(self.remembered())
        for pause in [0, 300, 3600]:
            self.later(pause)
            self.assertEqual(browser.captured().get("/whoami").json["remembered"], "anna")
        self.assertEqual(self.stolen(), 0)

    def test_a_copied_login_ends_and_the_visitor_is_told(self):
        victim = self.remembered()
        copied = self.restarted(victim)
        elsewhere = self.remembered()
        thief = self.restarted(victim)
        self.assertEqual(thief.post("/resume").status, 303)
        self.assertEqual(self.restarted(thief).get("/whoami").json["remembered"], "anna")
        self.later(61)
        browser = self.restarted(copied)
        self.assertEqual(browser.get("/whoami").json["remembered"], None)
        self.assertGreater(self.stolen(), 0)
        self.assertIn(LOGIN, browser.cookies, "nobody was told yet")
        self.assertIn("Somebody used a copy of this browser’s cookie", browser.get("/").body.decode())
        self.assertNotIn(LOGIN, browser.cookies)
        self.assertIsNone(thief.user)
        self.assertIsNone(victim.user)
        page = self.restarted(copied).get("/").body.decode()
        self.assertIn("Somebody used a copy of this browser’s cookie", page)
        # The user's other device goes on.
        self.assertEqual(elsewhere.user, "anna")
        self.assertEqual(self.restarted(elsewhere).get("/whoami").json["remembered"], "anna")

    def test_the_year_runs_from_the_sign_in(self):
        browser = self.restarted(self.remembered())
        self.later(200 * 86_400)
        lines = browser.get("/whoami").set_cookies
        self.assertTrue(any(f"Max-Age={165 * 86_400}" in line for line in lines), lines)
        self.later(165 * 86_400)
        self.assertIsNone(browser.get("/whoami").json["remembered"])

    def test_each_way_out_ends_what_it_says(self):
        for path, ends_other in [("/logout", False), ("/logout/everywhere", True), ("/password", True)]:
            with self.subTest(path=path):
                user = "user" + path.replace("/", "-")
                this, other = self.remembered(user), self.remembered(user)
                copied = self.restarted(this)
                self.assertEqual(this.post(path).status, 303)
                # The way to the node stays.
                self.assertEqual([name for name in this.cookies if not name.startswith("TS")], ["bsloc"])
                self.assertIsNone(copied.get("/whoami").json["remembered"])
                still = None if ends_other else user
                self.assertEqual(self.restarted(other).get("/whoami").json["remembered"], still)

    def test_a_sealed_user_id_of_somebody_else_signs_nobody_in(self):
        anna, bert = Browser(self.portal.address).sign_in("anna"), Browser(self.portal.address).sign_in("bert")
        anna.cookies[USER], bert.cookies[USER] = bert.cookies[USER], anna.cookies[USER]
        for browser in [anna, bert]:
            who = browser.get("/whoami")
            self.assertEqual((who.status, who.json["user"], who.json["session"]), (200, None, None))

    def test_no_secret_is_logged(self):
        browser = self.remembered()
        values = [browser.cookies[LOGIN]]
        browser = self.restarted(browser)
        browser.post("/resume")
        values.append(browser.cookies[LOGIN])
        logged = self.portal.logged().decode(errors="replace")
        for value in values:
            for part in value.replace("~", ".").split("."):
                self.assertNotIn(part, logged)


if __name__ == "__main__":
    unittest.main()
