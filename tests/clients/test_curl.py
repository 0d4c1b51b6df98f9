"""curl with a cookie jar: every request is a new process, and only the jar's file goes from one to the next."""

import pathlib
import shutil
import tempfile
import time
import unittest

from curl import Curl
from visit import MONTH, YEAR, Visit


class CurlVisit(Visit, unittest.TestCase):
    def arrive(self):
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        return Curl(self.portal, folder)

    def test_the_jar_holds_what_was_promised(self):
        client = self.arrive()
        before = time.time()
        self.choose(client)
        after = time.time()
        kept = {}
        for line in client.jar.read_text().splitlines():
            if line.count("\t") == 6:
                domain, _, path, secure, expires, name, _ = line.split("\t")
                kept[name] = (domain.startswith("#HttpOnly_"), path, secure, int(expires))
        for name, http_only, lifetime in [("theme", True, YEAR), ("i18next", False, MONTH), ("cart", True, 0)]:
            with self.subTest(cookie=name):
                self.assertEqual(kept[name][:3], (http_only, "/", "TRUE"))
                expires = kept[name][3]
                if lifetime:
                    self.assertGreaterEqual(expires, before + lifetime - 2)
                    self.assertLessEqual(expires, after + lifetime + 2)
                else:
                    self.assertEqual(expires, 0)

    def test_crumbs_of_http_2_are_one_list(self):
        client = self.arrive()
        client.post("/theme", {"theme": "dark"})
        signed = next(line.split("\t")[6] for line in client.jar.read_text().splitlines() if "\ttheme\t" in line)
        crumbs = ["--header", "Cookie: a=1", "--header", f"Cookie: theme={signed}; %74heme=2", "--header", "Cookie: b=3"]
        other = Curl(self.portal, pathlib.Path(tempfile.mkdtemp(dir=client.folder)), "--http2-prior-knowledge", *crumbs)
        echo = other.get("/lab/echo").json
        self.assertEqual(echo["cookies"], [["a", "1"], ["theme", "dark"], ["b", "3"]])
        self.assertEqual(echo["refusals"], [{"name": "%74heme", "reason": "alias"}])

if __name__ == "__main__":
    unittest.main()
