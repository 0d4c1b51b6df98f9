"""A shared cache in front of the portal: what one visitor has decided never shows in what another one gets."""

import itertools
import unittest

from browser import Browser
from cache import Cache
from consent import JSON, PAGE, decide, state
from server import Portal
from set_cookie import lines
from wire import FORM, ask, get

PAGES = [
    "/", "/whoami", "/account", "/privacy", "/cookies", "/cookies?lng=de", "/cookies.json", "/cookies.md", PAGE,
    PAGE + "?return_to=/privacy", "/cart", "/theme", "/lab/echo", "/nowhere", "/cookies/nowhere",
]
# They ask, or show what was decided.
ASKING = ["/", "/account", "/privacy", "/nowhere", "/cookies/nowhere"]
ALIKE = ["/.well-known/gpc.json", "/cookies/style.css", "/portal.css"]
BANNER = b"cookie-policy-banner"


class Cached(unittest.TestCase):
    def setUp(self):
        portal = Portal()
        self.addCleanup(portal.stop)
        self.portal = portal
        self.address = portal.address
        # The header lines by which the portal knows each of them.
        self.visitors = {
            "undecided": [],
            "accepted": self.decided("accept"),
            "refused": self.decided("reject"),
            "objecting": [*self.decided("accept"), b"Sec-GPC: 1"],
        }

    def decided(self, decision):
        browser = Browser(self.address)
        decide(browser, decision)
        return [b"Cookie: " + browser.header()]

    def caches(self):
        """One of each kind, with nothing in them."""
        cache = Cache(self.portal)
        self.addCleanup(cache.stop)
        return [cache.usual, cache.careless]

    def test_no_page_of_one_visitor_reaches_another(self):
        for order in itertools.permutations(self.visitors, 2):
            for address in self.caches():
                # The first one comes again at the end.
                for path, who in itertools.product(PAGES, [*order, order[0]]):
                    with self.subTest(order=order, path=path, who=who):
                        straight = ask(self.address, "GET", path, *self.visitors[who])
                        answer = ask(address, "GET", path, *self.visitors[who])
                        self.assertEqual((answer.status, answer.body), (straight.status, straight.body))
                        self.assertEqual(names(answer), names(straight))
                        self.assertEqual(BANNER in answer.body, path in ASKING and who == "undecided")
                        if answer.set_cookies or path.startswith(PAGE):
                            self.assertEqual(answer.one("x-cache-status"), "MISS")

    def test_what_is_the_same_for_everybody_comes_from_the_cache(self):
        for address in self.caches():
            for path in ALIKE:
                first, *others = [ask(address, "GET", path, *headers) for headers in self.visitors.values()]
                self.assertEqual((first.status, first.one("x-cache-status")), (200, "MISS"), path)
                for answer in others:
                    self.assertEqual(answer.one("x-cache-status"), "HIT", path)
                    self.assertEqual((answer.set_cookies, answer.body), ([], first.body), path)

    def test_the_state_is_told_to_whom_it_is_the_state_of(self):
        for address in self.caches():
            for who in [*self.visitors, *reversed(self.visitors)]:
                headers = self.visitors[who]
                answer = ask(address, "GET", PAGE, JSON, *headers)
                self.assertEqual(answer.one("x-cache-status"), "MISS")
                self.assertEqual(answer.json, state(self.address, *headers))

    def test_a_decision_is_answered_to_whom_has_made_it(self):
        revision = state(self.address)["revision"].encode()
        form = {decision: b"decision=%s&revision=%s" % (decision, revision) for decision in [b"accept", b"reject"]}
        sent = [
            (403, [b"Origin: https://evil.example"], form[b"accept"]),
            (400, [], b"decision=maybe"),
            (409, [], b"decision=accept&revision=older"),
            (303, [], form[b"accept"]),
            (303, [], form[b"reject"]),
        ]
        for address in self.caches():
            for status, headers, body in [*sent, *reversed(sent)]:
                answer = ask(address, "POST", PAGE, FORM, *headers, body=body)
                self.assertEqual((answer.status, answer.one("x-cache-status")), (status, "MISS"), body)
                decided = [line.value for line in lines(answer.set_cookies) if line.name == "cookie_consent"]
                self.assertEqual(len(decided), 1 if status == 303 else 0, body)
                self.assertEqual([b"+" in value.encode() for value in decided], [b"accept" in body] * len(decided))

    def test_who_decides_through_the_cache_sees_what_was_decided(self):
        for address in self.caches():
            # Somebody else has filled it.
            self.assertIn(BANNER, get(address, "/").body)
            self.assertIn(BANNER, get(address, "/privacy").body)
            browser = Browser(address)
            decide(browser, "accept")
            self.assertIn("portal_stats", names(browser.get("/")))
            self.assertNotIn(BANNER, browser.get("/privacy").body)
            decide(browser, "reject")
            self.assertEqual(sorted(browser.cookies), ["cookie_consent"])
            page = browser.get("/")
            self.assertEqual(page.set_cookies, [])
            self.assertNotIn(b"Summer offer", page.body)
            self.assertIn(BANNER, get(address, "/").body)


def names(answer):
    return [line.name for line in lines(answer.set_cookies)]


if __name__ == "__main__":
    unittest.main()
