"""64 visitors and 20 000 requests of every kind on each store: no update is lost, and no session comes back."""

import unittest

from browser import Browser
from crowd import Regular, together
from server import Portal
from stores import PostgreSQL, Redis, SQLite

VISITORS, GROUPS, REQUESTS = 64, 8, 20_000


class Load:
    """Groups of visitors have a session in common, whose counter they all raise."""

    def start(self):
        """Where the portal keeps its sessions."""
        raise NotImplementedError

    def setUp(self):
        self.portal = Portal("--store", self.start())
        self.addCleanup(self.portal.stop)

    def test_nothing_is_lost_and_nothing_comes_back(self):
        address = self.portal.address
        owners = [Browser(address).sign_in(f"group-{at}") for at in range(GROUPS)]
        crowd = [Regular(address, f"visitor-{at}", owners[at % GROUPS].captured(), at) for at in range(VISITORS)]
        try:
            together([lambda visitor=visitor: visitor.visit(REQUESTS // VISITORS) for visitor in crowd])
        except AssertionError as error:
            self.fail(f"{error}; the portal says: {self.portal.logged().decode()[-2000:]}")
        self.assertGreaterEqual(sum(visitor.asked for visitor in crowd), REQUESTS - VISITORS)
        for at, owner in enumerate(owners):
            raised = sum(visitor.raised for visitor in crowd[at::GROUPS])
            self.assertGreater(raised, 100)
            self.assertEqual(owner.post("/counter/shared").json, {"shared": raised + 1})
        for visitor in crowd:
            visitor.look()
            visitor.read()
            visitor.raise_own()


class Memory(Load, unittest.TestCase):
    def start(self):
        return "memory"


class InAFile(Load, unittest.TestCase):
    def start(self):
        self.store = SQLite()
        self.addCleanup(self.store.stop)
        return self.store.url()

    def tearDown(self):
        self.assertTrue(self.store.is_whole())


class OnPostgreSQL(Load, unittest.TestCase):
    def start(self):
        store = PostgreSQL()
        self.addCleanup(store.stop)
        return store.url()


class OnRedis(Load, unittest.TestCase):
    def start(self):
        store = Redis()
        self.addCleanup(store.stop)
        return store.url()


if __name__ == "__main__":
    unittest.main()
