"""Python's `http.cookiejar`, which keeps its cookies in a file between two visits."""

import http.cookiejar
import json
import pathlib
import shutil
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

from visit import Visit


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.set_cookies = response.headers.get_all("Set-Cookie") or []
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Opener:
    def __init__(self, portal, file, session_too=True):
        self.portal, self.file = portal, file
        # The portal is on loopback, which browsers hold to be as good as https.
        policy = http.cookiejar.DefaultCookiePolicy(secure_protocols=("https", "wss", "http"))
        self.jar = http.cookiejar.LWPCookieJar(file, policy=policy)
        if file.exists():
            self.jar.load(ignore_discard=session_too)
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.jar), NoRedirect
        )

    def get(self, path):
        return self._open(path, None)

    def post(self, path, fields):
        return self._open(path, urllib.parse.urlencode(fields).encode())

    def come_back(self):
        self.jar.save(ignore_discard=True)
        return Opener(self.portal, self.file)

    def restart(self):
        self.jar.save()
        return Opener(self.portal, self.file, session_too=False)

    def _open(self, path, body):
        try:
            with self.opener.open(self.portal.url + path, body, timeout=30) as response:
                return Answer(response)
        except urllib.error.HTTPError as response:
            with response:
                return Answer(response)


class CookiejarVisit(Visit, unittest.TestCase):
    def arrive(self):
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        return Opener(self.portal, folder / "jar")

    def test_the_jar_discards_what_ends_with_the_session_alone(self):
        client = self.arrive()
        self.choose(client)
        discarded = {cookie.name: cookie.discard for cookie in client.jar}
        self.assertEqual({name: discarded[name] for name in ["theme", "i18next", "cart"]},
                         {"theme": False, "i18next": False, "cart": True})


if __name__ == "__main__":
    unittest.main()
