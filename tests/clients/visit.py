"""What every client does: choose a theme and a language, fill the cart, leave, come back.

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

    def test_a_visitor_who_does_nothing_gets_no_cookie(self):
        client = self.arrive()
        for path in ["/", "/whoami", "/theme", "/cart", "/cookies", "/cookies.json", "/nowhere"]:
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

    def test_the_wire_carries_a_signature_that_no_handler_sees(self):
        client = self.arrive()
        line = self.choose(client)["theme"][0]
        self.assertRegex(line.value, r"^dark\.[A-Za-z0-9_-]{35}$")
        self.assertNotIn(line.value, str(client.get("/lab/echo").json))
