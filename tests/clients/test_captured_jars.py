"""curl with a jar that was captured at some moment: what it is still good for afterwards."""

import pathlib
import shutil
import tempfile
import unittest

from curl import Curl
from server import Portal
from set_cookie import the_one

# Every way to write to a session that is there.
WRITES = [("/note", {"text": "thief"}), ("/counter/thief", {}), ("/renew", {})]


class Captured(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.portal = Portal()
        cls.addClassCleanup(cls.portal.stop)

    def folder(self):
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        return folder

    def arrive(self):
        return Curl(self.portal, self.folder())

    def sign_in(self, client, user="anna"):
        answer = client.post("/login", {"user": user, "password": "demo"})
        self.assertEqual(answer.status, 303)
        return the_one(answer.set_cookies, "JSESSIONID").value

    def is_dead(self, thief):
        """Reads are those of an anonymous visitor, writes are refused, and the browser is told nothing."""
        before = self.ended()
        for path in ["/whoami", "/", "/note", "/sessions"]:
            answer = thief.get(path)
            self.assertEqual(answer.status, 401 if path == "/sessions" else 200, path)
            self.assertEqual(answer.set_cookies, [], path)
        whoami = thief.get("/whoami").json
        self.assertEqual((whoami["user"], whoami["fresh"], whoami["session"]), (None, None, None))
        self.assertEqual(thief.get("/note").json, {"note": None})
        for path, fields in WRITES:
            answer = thief.post(path, fields)
            self.assertEqual((answer.status, answer.set_cookies), (409, []), path)
        # Nothing is left to sign out, and the cookies may be another session's by now.
        for path in ["/logout", "/logout/everywhere", "/password"]:
            answer = thief.post(path, {})
            self.assertEqual((answer.status, answer.set_cookies), (303, []), path)
        self.assertGreater(self.ended(), before)

    def ended(self):
        """How often the portal has refused the id of an ended session."""
        return self.arrive().get("/lab/report").json["refused"].get("ended", 0)

    def test_one_from_before_the_sign_out_is_dead_at_once(self):
        for path in ["/logout", "/logout/everywhere", "/password"]:
            with self.subTest(path=path):
                client = self.arrive()
                self.sign_in(client)
                client.post("/note", {"text": "annas"})
                thief = client.captured(self.folder())
                self.assertEqual(thief.get("/whoami").json["user"], "anna")
                self.assertEqual(client.post(path, {}).status, 303)
                self.is_dead(thief)

    def test_one_from_before_the_sign_in_is_dead_at_once(self):
        client = self.arrive()
        client.post("/note", {"text": "still anonymous"})
        thief = client.captured(self.folder())
        self.assertEqual(thief.get("/note").json, {"note": "still anonymous"})
        self.sign_in(client)
        self.is_dead(thief)
        self.assertEqual(client.get("/whoami").json["user"], "anna")
        self.assertEqual(client.get("/note").json, {"note": "still anonymous"})

    def test_one_of_another_user_in_the_same_browser_is_dead_at_once(self):
        client = self.arrive()
        self.sign_in(client, "anna")
        thief = client.captured(self.folder())
        self.sign_in(client, "bert")
        self.is_dead(thief)
        self.assertEqual(client.get("/whoami").json["user"], "bert")

    def test_one_from_before_a_renewal_reads_for_a_moment_and_writes_never(self):
        client = self.arrive()
        self.sign_in(client)
        client.post("/note", {"text": "annas"})
        thief = client.captured(self.folder())
        self.assertEqual(client.post("/renew", {}).status, 303)
        # For requests that are under way.
        self.assertEqual(thief.get("/note").json, {"note": "annas"})
        for path, fields in WRITES:
            answer = thief.post(path, fields)
            # A renewal has been had already, and is not an error to ask for.
            status = 303 if path == "/renew" else 409
            self.assertEqual((answer.status, answer.set_cookies), (status, []), path)
        self.assertEqual(Curl(self.portal, self.folder(), "--data", "11").get("/lab/clock").status, 200)
        self.is_dead(thief)
        self.assertEqual(client.get("/whoami").json["user"], "anna")
        self.assertEqual(client.get("/note").json, {"note": "annas"})

    def test_a_dead_one_signs_in_under_an_id_of_its_own(self):
        client = self.arrive()
        old = self.sign_in(client)
        thief = client.captured(self.folder())
        client.post("/logout", {})
        new = self.sign_in(thief, "bert")
        self.assertNotEqual(new, old)
        self.assertEqual(thief.get("/whoami").json["user"], "bert")
        self.assertIsNone(client.get("/whoami").json["user"])


if __name__ == "__main__":
    unittest.main()
