"""A shared cache in front of the portal: what one visitor gets never reaches another."""

import unittest

from cache import Cache
from server import Portal
from set_cookie import lines
from wire import ask, get, post_form

PAGES = ["/", "/whoami", "/theme", "/cart", "/privacy", "/cookies.json", "/cookies.md", "/lab/echo", "/nowhere"]
# What the visitors choose; no value of one is part of what another one sees.
ANNA = {"/theme": {"theme": "plum"}, "/language": {"lng": "de"}, "/cart": {"item": "desk-phone"}}
BERT = {"/theme": {"theme": "teal"}, "/language": {"lng": "fr"}, "/cart": {"item": "headset"}}


class Shared(unittest.TestCase):
    def setUp(self):
        portal = Portal()
        self.addCleanup(portal.stop)
        cache = Cache(portal)
        self.addCleanup(cache.stop)
        self.portal = portal.address
        self.caches = {"usual": cache.usual, "careless": cache.careless}

    def choose(self, address, choices):
        """The visitor's `Cookie` header, made from what the cache let through."""
        jar = {}
        for path, fields in choices.items():
            answer = post_form(address, path, fields)
            self.assertEqual(answer.status, 303, path)
            self.assertNotEqual(answer.one("x-cache-status"), "HIT", path)
            set_here = lines(answer.set_cookies)
            self.assertTrue(set_here, path)
            jar.update((line.name, line.value) for line in set_here)
        return "; ".join(f"{name}={value}" for name, value in jar.items()).encode()

    def test_the_cache_is_on(self):
        for name, address in self.caches.items():
            for path in ["/cookies/style.css", "/portal.css"]:
                with self.subTest(cache=name, path=path):
                    first, second = get(address, path), get(address, path)
                    self.assertEqual((first.status, second.status), (200, 200))
                    self.assertEqual(first.one("x-cache-status"), "MISS")
                    self.assertEqual(second.one("x-cache-status"), "HIT")
                    self.assertEqual(first.body, second.body)

    def test_pages_are_stored_for_each_visitor_alone(self):
        for name, address in self.caches.items():
            anna, bert = self.choose(address, ANNA), self.choose(address, BERT)
            self.assertNotEqual(anna, bert)
            for path in PAGES:
                with self.subTest(cache=name, path=path):
                    answers = {who: get(address, path, who) for who in [anna, bert, None]}
                    for who, answer in answers.items():
                        straight = get(self.portal, path, who)
                        self.assertEqual(answer.set_cookies, [])
                        self.assertEqual((answer.status, answer.body), (straight.status, straight.body))
                    # It was stored: who asks again is answered by the cache, and as before.
                    for who, answer in answers.items():
                        again = get(address, path, who)
                        self.assertEqual(again.one("x-cache-status"), "HIT")
                        self.assertEqual((again.set_cookies, again.body), ([], answer.body))

    def test_pages_of_a_signed_in_user_are_stored_for_nobody(self):
        for name, address in self.caches.items():
            anna, bert = [
                self.choose(address, {"/login": {"user": user, "password": "demo"}})
                for user in ["anna-of-the-desk", "bert-of-the-road"]
            ]
            for path in ["/", "/whoami", "/sessions"]:
                with self.subTest(cache=name, path=path):
                    for who, own, others in [(anna, b"anna-of", b"bert-of"), (bert, b"bert-of", b"anna-of")] * 2:
                        answer = get(address, path, who)
                        self.assertEqual((answer.status, answer.one("x-cache-status")), (200, "MISS"))
                        self.assertEqual(own in answer.body, path != "/sessions")
                        self.assertNotIn(others, answer.body)
            # What was told while signed in is not told any more.
            self.assertEqual(post_form(address, "/logout", {}, anna).status, 303)
            self.assertIsNone(get(address, "/whoami", anna).json["user"])
            self.assertEqual(get(address, "/sessions", anna).status, 401)
            self.assertIsNone(get(address, "/whoami").json["user"])

    def test_what_sets_a_cookie_is_never_stored(self):
        cookies = [b"cart=annas", b"cart=annas; Max-Age=60", b"cart=; Max-Age=0", b"theme=; Path=/old; Max-Age=0"]
        for name, address in self.caches.items():
            for path in ["/lab/set", "/lab/status/200", "/lab/status/302", "/lab/status/404", "/lab/status/500"]:
                for number, line in enumerate(cookies):
                    with self.subTest(cache=name, path=path, line=line):
                        # The key does not know the body: were the first answer stored, it would be the second.
                        target = f"{path}?{number}"
                        first = ask(address, "POST", target, body=line)
                        second = ask(address, "POST", target, body=b"cart=berts")
                        self.assertTrue(first.set_cookies)
                        self.assertNotEqual(second.one("x-cache-status"), "HIT")
                        self.assertEqual(
                            [(cookie.name, cookie.value) for cookie in lines(second.set_cookies)][:1],
                            [("cart", "berts")],
                        )
                        self.assertNotIn("annas", str(second.headers))

    def test_a_choice_is_never_answered_with_anothers(self):
        for name, address in self.caches.items():
            for path in ANNA:
                with self.subTest(cache=name, path=path):
                    answers = [post_form(address, path, choices[path]) for choices in [ANNA, BERT, ANNA]]
                    self.assertNotIn("HIT", [answer.one("x-cache-status") for answer in answers])
                    values = [[line.value for line in lines(answer.set_cookies)] for answer in answers]
                    self.assertTrue(all(values))
                    self.assertFalse(set(values[0]) & set(values[1]))

    def test_a_response_that_lost_its_cookie_may_be_stored(self):
        for name, address in self.caches.items():
            with self.subTest(cache=name):
                asked = [ask(address, "POST", "/lab/set?stopped", body=b"tracker=annas") for _ in range(2)]
                self.assertEqual([answer.set_cookies for answer in asked], [[], []])
                self.assertEqual(asked[1].one("x-cache-status"), "HIT")


if __name__ == "__main__":
    unittest.main()
