"""What every client does: choose a theme and a language, fill the cart, sign in, leave, come back, sign out.

A suite gives its client as `arrive()`: an object with `get(path)` and `post(path, fields)`, which answer with
`status`, `set_cookies` and `json`; with `come_back()`, a new client on the same stored cookies; and with
`restart()`, one that has lost what ends with the browser session.
"""

import time

from server import Portal
from set_cookie import declared, the_one

YEAR = 31_536_000
MONTH = 2_592_000


class Visit:
    @classmethod
    def setUpClass(cls):
        cls.portal = Portal()
        cls.addClassCleanup(cls.portal.stop)

    def choose(self, client):
        """The visitor's three actions. The answers' raw lines come back by cookie."""
        chosen = {}
        for name, path, fields in [
            ("theme", "/theme", {"theme": "dark"}),
            ("i18next", "/language", {"lng": "de"}),
            ("cart", "/cart", {"item": "tea"}),
        ]:
            before = time.time()
            answer = client.post(path, fields)
            self.assertEqual(answer.status, 303, path)
            chosen[name] = the_one(answer.set_cookies, name), before, time.time()
        return chosen

    def sign_in(self, client, user="anna"):
        """The raw line of the session's cookie."""
        answer = client.post("/login", {"user": user, "password": "demo"})
        self.assertEqual(answer.status, 303)
        return the_one(answer.set_cookies, "JSESSIONID")

    def who(self, client):
        whoami = client.get("/whoami").json
        return {name: whoami[name] for name in ["user", "fresh", "session"]}

    def held(self, client):
        """The names of the cookies that the client sends."""
        return [name for name, _ in client.get("/lab/echo").json["cookies"]]

    def test_a_visitor_who_does_nothing_gets_no_cookie(self):
        client = self.arrive()
        for path in ["/", "/whoami", "/theme", "/cart", "/note", "/sessions", "/cookies", "/cookies.json", "/nowhere"]:
            self.assertEqual(client.get(path).set_cookies, [], path)
        self.assertEqual(client.come_back().get("/lab/echo").json, {"cookies": [], "refusals": []})

    def test_what_was_chosen_is_there_on_return(self):
        client = self.arrive()
        chosen = self.choose(client)
        for client in [client, client.come_back()]:
            self.assertEqual(client.get("/theme").json, {"theme": "dark"})
            self.assertEqual(client.get("/whoami").json["locale"], "de")
            self.assertEqual(client.get("/cart").json, {"cart": chosen["cart"][0].value})
        echo = client.get("/lab/echo").json
        self.assertIn(["theme", "dark"], echo["cookies"])
        self.assertEqual(echo["refusals"], [])

    def test_only_what_is_persistent_survives_a_restart_of_the_browser(self):
        client = self.arrive()
        self.choose(client)
        client = client.restart()
        self.assertEqual(client.get("/theme").json, {"theme": "dark"})
        self.assertEqual(client.get("/whoami").json["locale"], "de")
        self.assertEqual(client.get("/cart").json, {"cart": None})
        names = [name for name, _ in client.get("/lab/echo").json["cookies"]]
        self.assertCountEqual(names, ["theme", "i18next"])

    def test_lines_keep_the_promised_lifetime_and_scope(self):
        for name, (line, before, after) in self.choose(self.arrive()).items():
            with self.subTest(cookie=name):
                row = declared(self.portal.address, name)
                self.assertEqual(line.max_age, {"theme": YEAR, "i18next": MONTH, "cart": None}[name])
                self.assertEqual(line.max_age, row["max_age"])
                self.assertEqual(line.scope, row["attributes"])
                if line.max_age is None:
                    self.assertIsNone(line.expires)
                else:
                    # The date is whole seconds, and the portal's second is not the test's.
                    self.assertGreaterEqual(line.expires, before + line.max_age - 2)
                    self.assertLessEqual(line.expires, after + line.max_age + 2)

    def test_the_wire_carries_ciphertext_that_no_handler_sees(self):
        client = self.arrive()
        text = "Lieber Jörg; ich = müde"
        answer = client.post("/draft", {"text": text})
        self.assertEqual(answer.status, 303)
        line = the_one(answer.set_cookies, "draft")
        self.assertRegex(line.value, r"^[A-Za-z0-9_-]{60,}$")
        self.assertEqual((line.max_age, line.expires), (None, None))
        for client in [client, client.come_back()]:
            self.assertEqual(client.get("/draft").json, {"draft": text})
            echo = client.get("/lab/echo").json
            self.assertNotIn(line.value, str(echo))
            self.assertEqual(echo["refusals"], [])
        self.assertEqual(client.restart().get("/draft").json, {"draft": None})

    def test_the_wire_carries_a_signature_that_no_handler_sees(self):
        client = self.arrive()
        line = self.choose(client)["theme"][0]
        self.assertRegex(line.value, r"^dark\.[A-Za-z0-9_-]{35}$")
        self.assertNotIn(line.value, str(client.get("/lab/echo").json))

    def test_who_signed_in_is_there_on_return(self):
        client = self.arrive()
        self.assertEqual(self.who(client), NOBODY)
        self.sign_in(client)
        self.assertEqual(client.post("/note", {"text": "für später"}).status, 303)
        for client in [client, client.come_back()]:
            self.assertEqual(self.who(client), {"user": "anna", "fresh": True, "session": True})
            self.assertEqual(client.get("/note").json, {"note": "für später"})
        self.assertEqual(client.get("/lab/echo").json["refusals"], [])

    def test_a_restart_of_the_browser_ends_the_session(self):
        client = self.arrive()
        self.sign_in(client)
        client = client.restart()
        self.assertEqual(self.who(client), NOBODY)
        self.assertEqual(client.get("/note").json, {"note": None})
        self.assertNotIn("JSESSIONID", self.held(client))

    def test_signing_out_takes_the_cookie_away(self):
        client = self.arrive()
        self.sign_in(client)
        answer = client.post("/logout", {})
        self.assertEqual(answer.status, 303)
        self.assertEqual(the_one(answer.set_cookies, "JSESSIONID").max_age, 0)
        for client in [client, client.come_back()]:
            self.assertNotIn("JSESSIONID", self.held(client))
            self.assertEqual(self.who(client), NOBODY)

    def test_the_session_id_is_random_and_its_line_as_declared(self):
        row = declared(self.portal.address, "JSESSIONID")
        lines = [self.sign_in(self.arrive()) for _ in range(3)]
        self.assertEqual(len({line.value for line in lines}), 3)
        for line in lines:
            self.assertRegex(line.value, r"^[0-9A-F]{32}$")
            self.assertEqual(line.scope, row["attributes"])
            self.assertEqual((line.max_age, line.expires), (None, None))

    def test_the_id_changes_at_each_sign_in_and_renewal_and_the_note_stays(self):
        client = self.arrive()
        answers = [
            client.post(path, fields)
            for path, fields in [
                ("/note", {"text": "kept"}),
                ("/login", {"user": "anna", "password": "demo"}),
                ("/login", {"user": "anna", "password": "demo"}),
                ("/renew", {}),
            ]
        ]
        ids = {the_one(answer.set_cookies, "JSESSIONID").value for answer in answers}
        self.assertEqual(len(ids), 4)
        self.assertEqual(client.get("/note").json, {"note": "kept"})
        self.assertEqual(self.who(client)["user"], "anna")


NOBODY = {"user": None, "fresh": None, "session": None}
