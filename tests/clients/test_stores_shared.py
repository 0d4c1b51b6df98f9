"""Two portals on one store behind HAProxy: a session made on one is used, and ended, on the other at once."""

import unittest

from balancer import Balancer, node
from browser import Browser
from crowd import LOGIN, Regular, together
from stores import PostgreSQL, Redis
from wire import ask

NODES = "web-1,web-2"
VISITORS, REQUESTS = 16, 3_000


class Shared:
    """HAProxy sends each request to the next one."""

    SERVER = None

    def setUp(self):
        store = self.SERVER()
        self.addCleanup(store.stop)
        self.portals = {name: node(name, NODES, "--store", store.url()) for name in NODES.split(",")}
        for portal in self.portals.values():
            self.addCleanup(portal.stop)
        self.balancer = Balancer(self.portals, "")
        self.addCleanup(self.balancer.stop)
        self.one, self.other = self.portals.values()

    def at(self, portal, browser):
        """The same visitor at this portal."""
        return Browser(portal.address, **browser.cookies)

    def test_what_one_makes_the_other_knows(self):
        browser = Browser(self.one.address).sign_in("anna")
        browser.post("/note", {"text": "für später"})
        elsewhere = self.at(self.other, browser)
        who = elsewhere.get("/whoami").json
        self.assertEqual((who["user"], who["fresh"], who["session"]), ("anna", True, True))
        self.assertEqual(elsewhere.get("/note").json, {"note": "für später"})
        self.assertEqual(elsewhere.post("/counter/a").json, {"a": 1})
        self.assertEqual(browser.post("/counter/a").json, {"a": 2})

    def test_what_ends_on_one_has_ended_on_the_other(self):
        for path in ["/logout", "/logout/everywhere", "/password"]:
            browser, phone = [Browser(self.one.address).sign_in("anna") for _ in range(2)]
            elsewhere, phone = self.at(self.other, browser), self.at(self.other, phone)
            self.assertEqual((elsewhere.user, phone.user), ("anna", "anna"))
            self.assertEqual(browser.post(path).status, 303)
            self.assertIsNone(elsewhere.captured().user, path)
            self.assertEqual(elsewhere.captured().post("/counter/a").status, 409, path)
            self.assertEqual(phone.user, "anna" if path == "/logout" else None, path)

    def test_one_ends_the_others_session_by_its_handle(self):
        desk = Browser(self.one.address).sign_in("bert")
        phone = Browser(self.other.address).sign_in("bert")
        listed = desk.get("/sessions").json
        (handle,) = [session["handle"] for session in listed if not session["current"]]
        self.assertEqual(desk.post("/sessions/revoke", {"session": handle}).status, 303)
        self.assertEqual((phone.captured().user, self.at(self.one, phone).user, desk.user), (None, None, "bert"))

    def test_a_renewed_id_is_the_one_everywhere(self):
        browser = Browser(self.one.address).sign_in("carl")
        browser.post("/counter/a")
        before = browser.captured()
        self.assertEqual(browser.post("/renew").status, 303)
        # For ten seconds, for reading.
        self.assertEqual(self.at(self.other, before).user, "carl")
        self.assertEqual(self.at(self.other, before).post("/counter/a").status, 409)
        self.assertEqual(self.at(self.other, browser).post("/counter/a").json, {"a": 2})

    def remembered(self, user):
        browser = Browser(self.one.address)
        browser.post("/login", {"user": user, "password": "demo", "remember": "on"})
        return Browser(self.one.address, **{LOGIN: browser.cookies[LOGIN]})

    def test_a_remembered_visitor_is_known_on_both(self):
        browser = self.at(self.other, self.remembered("dora"))
        self.assertEqual(browser.get("/whoami").json["remembered"], "dora")
        browser = self.at(self.one, browser)
        self.assertEqual(browser.post("/resume").status, 303)
        self.assertEqual(self.at(self.other, browser).user, "dora")
        # A sign-out there takes it away here.
        self.assertEqual(self.at(self.other, browser).post("/logout").status, 303)
        self.assertIsNone(self.at(self.one, browser).get("/whoami").json["remembered"])

    def test_a_copied_login_is_found_out_whoever_sees_it(self):
        browser = self.remembered("emil")
        copied = browser.captured()
        browser.get("/whoami")
        browser.get("/whoami")
        for portal in self.portals.values():
            self.assertEqual(ask(portal.address, "POST", "/lab/clock", body=b"3600").status, 200)
        browser = self.at(self.other, browser)
        browser.post("/resume")
        self.assertEqual(browser.user, "emil")
        who = self.at(self.one, copied).get("/whoami").json
        self.assertEqual((who["remembered"], who["user"]), (None, None))
        self.assertIsNone(browser.captured().user, "every session opened from it has ended")
        self.assertIsNone(self.at(self.one, browser).user)

    def test_visitors_in_between_lose_nothing(self):
        owner = Browser(self.balancer.address).sign_in("group")
        crowd = [Regular(self.balancer.address, f"visitor-{at}", owner.captured(), at) for at in range(VISITORS)]
        together([lambda visitor=visitor: visitor.visit(REQUESTS // VISITORS) for visitor in crowd])
        raised = sum(visitor.raised for visitor in crowd)
        self.assertEqual(owner.post("/counter/shared").json, {"shared": raised + 1})
        served = {Browser(self.balancer.address).get("/whoami").one("x-server") for _ in range(4)}
        self.assertEqual(served, set(self.portals))


class OnRedis(Shared, unittest.TestCase):
    SERVER = Redis


class OnPostgreSQL(Shared, unittest.TestCase):
    SERVER = PostgreSQL


if __name__ == "__main__":
    unittest.main()
