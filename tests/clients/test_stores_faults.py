"""Stores that fail under load: what was acknowledged stays, what was not is said, and nobody has to restart anything."""

import http.client
import itertools
import os
import pathlib
import threading
import time
import unittest

from browser import Browser
from crowd import Patient, outage, together
from cutter import HALF, LOST, PASS, REFUSE, SILENT, SLOW, Cutter
from server import Portal
from stores import PostgreSQL, Redis, SQLite

CROWD = 12
# Seconds after which nothing of a fault may be left.
RECOVERY = 3


class Faults:
    """The portal is the same from the beginning to the end."""

    def open(self, store):
        self.portal = Portal("--store", store)
        self.addCleanup(self.portal.stop)
        return [Patient(self.portal.address, f"visitor-{at}") for at in range(CROWD)]

    def endures(self, crowd, begin, end, hits=True, **times):
        broke, mended = outage(crowd, begin, end, **times)
        refused = [answer for visitor in crowd for answer in visitor.refused(until=mended)]
        self.assertEqual(bool(refused), hits, "the fault is felt")
        late = [answer for visitor in crowd for answer in visitor.refused(mended + RECOVERY)]
        self.assertEqual(late, [], f"it recovers by itself; at {mended:.1f}: {self.portal.logged().decode()[-3000:]}")
        self.assertGreater(sum(visitor.acknowledged for visitor in crowd), 10 * CROWD)
        for visitor in crowd:
            self.assertTrue(visitor.answered(200, since=mended + RECOVERY), "it was still asked then")
            early = [answer for answer in visitor.refused() if answer[0] + answer[2] < broke]
            self.assertEqual(early, [], self.portal.logged().decode()[:3000])
            visitor.holds()
        # And others are let in.
        Patient(self.portal.address, "newcomer").holds()


class Servers(Faults):
    """Servers on networks."""

    SERVER = None

    def setUp(self):
        self.store = self.SERVER()
        self.addCleanup(self.store.stop)

    def test_a_killed_server_that_comes_back(self):
        crowd = self.open(self.store.url())
        self.endures(crowd, self.store.kill, self.store.start_again)

    def test_a_server_that_restarts_at_once(self):
        crowd = self.open(self.store.url())

        def restart():
            self.store.kill()
            self.store.start_again()

        self.endures(crowd, restart, restart, lasting=3.0)

    def through(self):
        cutter = Cutter(self.store.address)
        self.addCleanup(cutter.stop)
        return cutter, self.open(self.store.url(cutter.port))

    def test_lines_that_are_cut_again_and_again(self):
        cutter, crowd = self.through()
        ended = threading.Event()

        def cut():
            while not ended.wait(0.2):
                cutter.cut()

        scissors = threading.Thread(target=cut)
        self.endures(crowd, scissors.start, ended.set)
        scissors.join()

    def test_a_line_that_goes_silent(self):
        cutter, crowd = self.through()
        self.endures(crowd, lambda: cutter.turn(SILENT), lambda: cutter.turn(PASS), lasting=5.0, after=6.0)

    def test_connections_that_are_silent_for_good_are_given_up(self):
        cutter, crowd = self.through()
        self.endures(crowd, lambda: cutter.turn(LOST), lambda: None, lasting=5.0, after=8.0)

    def test_a_line_that_refuses(self):
        cutter, crowd = self.through()
        self.endures(crowd, lambda: cutter.turn(REFUSE), lambda: cutter.turn(PASS))

    def test_a_line_that_is_half_closed(self):
        cutter, crowd = self.through()
        self.endures(crowd, lambda: cutter.turn(HALF), lambda: cutter.turn(PASS))

    def test_a_slow_line_is_no_failure(self):
        cutter, crowd = self.through()
        self.endures(crowd, lambda: cutter.turn(SLOW), lambda: cutter.turn(PASS), hits=False)

    def test_what_is_not_there_at_the_start_is_said_in_one_line_without_a_password(self):
        cutter = Cutter(self.store.address)
        self.addCleanup(cutter.stop)
        cutter.turn(REFUSE)
        scheme, rest = self.store.url(cutter.port).split("://")
        rest = rest.split("@")[-1]
        with self.assertRaises(RuntimeError) as failed:
            Portal("--store", f"{scheme}://postgres:s3cr3t@{rest}")
        self.assertIn("portal: ", str(failed.exception))
        self.assertNotIn("s3cr3t", str(failed.exception))
        self.assertNotIn("panicked", str(failed.exception))


class OnRedis(Servers, unittest.TestCase):
    SERVER = Redis


class OnPostgreSQL(Servers, unittest.TestCase):
    SERVER = PostgreSQL


class InAFile(Faults, unittest.TestCase):
    def setUp(self):
        self.store = SQLite()
        self.addCleanup(self.store.stop)

    def test_a_file_that_another_process_locks(self):
        crowd = self.open(self.store.url())
        lock = []
        self.endures(crowd, lambda: lock.append(self.store.lock()), lambda: lock[0].close(), lasting=6.0)
        self.assertTrue(self.store.is_whole())

    def test_a_portal_that_is_killed_while_it_writes(self):
        known = []
        for turn in range(4):
            portal = Portal("--store", self.store.url())
            try:
                known += self.killed_while_it_writes(portal, turn)
            finally:
                portal.stop()
        self.assertGreater(len(known), 40)
        portal = Portal("--store", self.store.url())
        self.addCleanup(portal.stop)
        for browser, name, raised in known:
            browser.address = portal.address
            self.assertEqual(browser.user, name)
            counted = browser.post("/counter/own").json["own"]
            self.assertIn(counted, [raised + 1, raised + 2], name)
        self.assertTrue(self.store.is_whole())

    def killed_while_it_writes(self, portal, turn):
        """Visitors who sign in, one after the other, and count; those whose sign-in was acknowledged, and their counts."""
        known, names, killed = [], itertools.count(), threading.Event()

        def arrive():
            while not killed.is_set():
                name = f"visitor-{turn}-{next(names)}"
                try:
                    browser = Browser(portal.address).sign_in(name)
                    entry = [browser, name, 0]
                    known.append(entry)
                    for _ in range(5):
                        answer = browser.post("/counter/own")
                        self.assertEqual(answer.status, 200)
                        entry[2] += 1
                except (OSError, EOFError, http.client.HTTPException):
                    # The portal is gone, in the middle of an answer perhaps; and not for another reason.
                    self.assertTrue(killed.wait(1))

        def kill():
            time.sleep(1.0)
            portal.server.process.kill()
            killed.set()

        together([kill, *[arrive] * 8])
        return known


class OnAFullDisk(Faults, unittest.TestCase):
    """On a disk of few megabytes, which whoever starts the tests has made: `SMALL_DISK` says where."""

    def setUp(self):
        self.store = SQLite(os.environ["SMALL_DISK"])
        self.addCleanup(self.store.stop)
        self.filler = pathlib.Path(os.environ["SMALL_DISK"], "filler")
        self.addCleanup(self.filler.unlink, missing_ok=True)

    def fill(self):
        """Until there is no room for anything that is not there yet: what has room is written over as long as nothing is added."""
        with open(self.filler, "wb", buffering=0) as file:
            for size in [1 << 16, 1 << 10, 1]:
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    pass
        for _ in range(5000):
            if Browser(self.portal.address).post("/note", {"text": "x" * 4000}).status == 503:
                return
        self.fail("the disk is never full")

    def test_a_full_disk_that_is_emptied(self):
        crowd = self.open(self.store.url())
        self.endures(crowd, self.fill, self.filler.unlink, after=8.0)
        self.assertTrue(self.store.is_whole())

    def test_what_is_there_can_be_read_while_it_is_full(self):
        crowd = self.open(self.store.url())
        self.fill()
        together([visitor.look for visitor in crowd])
        self.assertEqual({answer[3] for visitor in crowd for answer in visitor.answers}, {200})
        self.filler.unlink()
        for visitor in crowd:
            visitor.holds()


if __name__ == "__main__":
    unittest.main()
