"""Many requests at once on one session: none is lost, and none is counted twice."""

import concurrent.futures
import threading
import unittest

from browser import Browser
from server import Portal

CROWD = 40


def at_once(jobs):
    """What the jobs return, all of which start when the last one is ready."""
    barrier = threading.Barrier(len(jobs))

    def run(job):
        barrier.wait()
        return job()

    with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


class Counter(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.portal = Portal()
        cls.addClassCleanup(cls.portal.stop)

    def arrive(self):
        return Browser(self.portal.address).sign_in()

    def test_forty_requests_in_parallel_count_forty(self):
        browser = self.arrive()
        answers = at_once([lambda: browser.captured().post("/counter/clicks")] * CROWD)
        self.assertEqual({answer.status for answer in answers}, {200})
        self.assertEqual(sorted(answer.json["clicks"] for answer in answers), list(range(1, CROWD + 1)))
        self.assertEqual(browser.post("/counter/clicks").json, {"clicks": CROWD + 1})

    def test_different_counters_and_a_note_do_not_undo_each_other(self):
        browser = self.arrive()
        jobs = [lambda name=name: browser.captured().post(f"/counter/{name}") for name in "abcd" for _ in range(8)]
        jobs.append(lambda: browser.captured().post("/note", {"text": "in between"}))
        self.assertTrue(all(answer.status in (200, 303) for answer in at_once(jobs)))
        for name in "abcd":
            self.assertEqual(browser.post(f"/counter/{name}").json, {name: 9})
        self.assertEqual(browser.get("/note").json, {"note": "in between"})

    def test_whoever_counts_after_the_sign_out_is_told(self):
        browser = self.arrive()
        captured = browser.captured()
        jobs = [lambda: browser.captured().post("/counter/late")] * 20
        answers = at_once([*jobs, lambda: browser.post("/logout")])
        self.assertLessEqual({answer.status for answer in answers}, {200, 303, 409})
        self.assertIsNone(captured.user)
        self.assertEqual(captured.post("/counter/late").status, 409)

    def test_a_counter_named_note_is_not_the_note(self):
        browser = self.arrive()
        browser.post("/note", {"text": "mine"})
        self.assertEqual(browser.post("/counter/note").json, {"note": 1})
        self.assertEqual(browser.post("/counter/counter.note").status, 400)
        self.assertEqual(browser.get("/note").json, {"note": "mine"})

    def test_names_are_letters_digits_and_two_signs(self):
        browser = self.arrive()
        for name in ["a", "A-b_9", "x" * 64]:
            self.assertEqual(browser.post(f"/counter/{name}").json, {name: 1})
        for name in ["x" * 65, "a.b", "a%20b", "%C3%A4", "a%2Fb", "%00", "a;b", "a%FF"]:
            self.assertEqual(browser.post(f"/counter/{name}").status, 400, name)

    def test_an_anonymous_visitor_counts_too(self):
        browser = Browser(self.portal.address)
        self.assertEqual(browser.post("/counter/first").json, {"first": 1})
        self.assertEqual(browser.post("/counter/first").json, {"first": 2})
        whoami = browser.get("/whoami").json
        self.assertEqual((whoami["session"], whoami["user"], whoami["fresh"]), (True, None, None))


if __name__ == "__main__":
    unittest.main()
