"""Consent over the wire: what is set in which state, when a decision ends, and what no sender of rubbish can do."""

import http.client
import random
import unittest
import urllib.parse

from browser import Browser
from consent import JSON, PAGE, Table, accepting, decide, state
from server import Portal
from set_cookie import lines, the_one
from wire import FORM, ask, post_form

HOUR, DAY = 3600, 86_400
# What needs no consent, what needs one, and what nobody declared.
SET = b"cart=1\nportal_stats=1\npromo_a=1\npromo_b=2; Max-Age=60\ntracker=1\ntheme=dark"
LOOKS = [
    "/", "/whoami", "/sessions", "/note", "/cart", "/theme", "/draft", "/visit", "/account", "/privacy", "/login",
    "/cookies", "/cookies?lng=de", "/cookies.json", "/cookies.md", "/cookies/style.css", "/portal.css", PAGE,
    PAGE + "?lng=de&return_to=/privacy", "/.well-known/gpc.json", "/lab/echo", "/lab/report",
    # What is not there, or not like that.
    "/nowhere", "/cookies/", "/cookies/nowhere", "/favicon.ico", "/transfer", "/logout", "/counter/a", "/lab/set",
]
CALL = (
    b"callCount=1\nc0-scriptName=__System\nc0-methodName=generateId\nc0-id=0\nbatchId=0\ninstanceId=0\n"
    b"page=%2F\nscriptSessionId=\n"
)
FORMS = [
    ("/cart", {"item": "headset"}), ("/theme", {"theme": "dark"}), ("/draft", {"text": "hello"}), ("/visit", {}),
    ("/language", {"lng": "en"}), ("/language", {"lng": "xx"}), ("/note", {"text": "hello"}), ("/counter/a", {}),
    ("/login", {"user": "anna", "password": "wrong"}),
    ("/login", {"user": "anna", "password": "demo", "remember": "on"}),
    ("/renew", {}), ("/transfer", {"to": "1"}), ("/sessions/revoke", {}), ("/resume", {}), ("/password", {}),
    ("/logout", {}), ("/login", {"user": "bert", "password": "demo"}), ("/logout/everywhere", {}),
    ("/cookies", {}), ("/nowhere", {}), ("/portal.css", {}), ("/.well-known/gpc.json", {}),
    (PAGE, {"decision": "accept", "revision": "older"}), (PAGE, {"decision": "maybe"}), (PAGE, {}),
]
OTHERS = ["PUT", "DELETE", "PATCH", "OPTIONS"]
# Not one of them is a path of this site, whatever a browser makes of it.
ELSEWHERE = [
    "//evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "https:evil.example",
    "https://evil.example", "http:/evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example",
    "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "/\t\\evil.example", "\t//evil.example",
    " //evil.example", "/\x00/evil.example", "/x\r\nSet-Cookie: promo_x=1", "/x\nLocation: //evil.example", "/\u2028/evil.example",
    "/\uff0fevil.example", "///evil.example", "/" + "a" * 5000, "", "?x", "#x", "http://127.0.0.1@evil.example/",
]
HERE = ["/", "/privacy", "/privacy?a=b&c=%2F%2Fevil.example", "/cookies#x", "/.//evil.example", "/%2f%2fevil.example"]
POSTS = 10_000
KINDS = ["application/x-www-form-urlencoded", "application/json"]


def set_names(answer):
    """The names of what is set, and not deleted."""
    return [line.name for line in lines(answer.set_cookies) if line.max_age != 0]


class Crawl(unittest.TestCase):
    """One portal, on which each visitor goes everywhere."""

    @classmethod
    def setUpClass(cls):
        cls.portal = Portal()
        cls.addClassCleanup(cls.portal.stop)
        cls.address = cls.portal.address
        cls.table = Table(cls.address)

    def everywhere(self, browser, *headers):
        """Every answer, and the request that it is for. The visitor keeps what is set."""

        def sent(method, path, *more, body=None):
            cookies = browser.header()
            lines_sent = [*headers, *more, *([b"Cookie: " + cookies] if cookies else [])]
            answer = ask(self.address, method, path, *lines_sent, body=body)
            browser.take(answer)
            return f"{method} {path}", answer

        for path in LOOKS:
            yield sent("GET", path)
            yield sent("HEAD", path)
        yield sent("GET", PAGE, JSON)
        for path, fields in FORMS:
            yield sent("POST", path, FORM, body=urllib.parse.urlencode(fields).encode())
            yield sent("GET", "/")
        call = "/dwr/call/plaincall/__System.generateId.dwr"
        yield sent("POST", call, b"Content-Type: text/plain", body=CALL)
        yield sent("POST", PAGE, FORM, b"Origin: https://evil.example", body=b"decision=accept")
        yield sent("POST", "/lab/set", body=SET)
        for status in [200, 302, 404, 500]:
            yield sent("POST", f"/lab/status/{status}", body=SET)
            yield sent("HEAD", f"/lab/status/{status}", body=SET)
        for method in OTHERS:
            for path in ["/", "/cart", "/cookies", "/portal.css", PAGE, "/nowhere"]:
                yield sent(method, path)

    def check(self, browser, granted, *headers):
        """What is set everywhere, by name; nothing but what this visitor may get."""
        seen, statuses = set(), set()
        for request, answer in self.everywhere(browser, *headers):
            for line in lines(answer.set_cookies):
                self.assertTrue(self.table.allows(line, granted), (request, line.name))
            self.assertTrue(answer.status < 500 or "/lab/status/500" in request, request)
            seen.update(set_names(answer))
            statuses.add(answer.status)
        self.assertLessEqual({200, 303, 400, 401, 403, 404, 405, 409}, statuses)
        self.assertLessEqual({"cart", "theme", "draft", "JSESSIONID", "i18next"}, seen)
        return {name for name in seen if self.table.is_optional(name)}

    def test_before_a_choice_only_what_needs_none_is_set(self):
        browser = Browser(self.address)
        self.assertEqual(self.check(browser, []), set())
        self.assertNotIn("cookie_consent", browser.cookies)
        self.assertFalse(browser.get("/whoami").json["consent"]["decided"])

    def test_after_a_refusal_only_what_needs_none_is_set(self):
        browser = Browser(self.address)
        decide(browser, "reject")
        self.assertEqual(self.check(browser, []), set())
        self.assertEqual(browser.get("/whoami").json["consent"], {"decided": True, "granted": []})

    def test_after_a_consent_what_it_covers_is_set_too(self):
        self.assertEqual(
            self.check(accepting(self.address), ["statistics", "marketing"]),
            {"portal_stats", "promo_summer", "promo_a", "promo_b"},
        )

    def test_a_consent_to_one_purpose_is_none_to_another(self):
        browser = Browser(self.address)
        decide(browser, "save", statistics="on")
        self.assertEqual(self.check(browser, ["statistics"]), {"portal_stats"})
        browser = Browser(self.address)
        decide(browser, "save", marketing="on")
        self.assertEqual(self.check(browser, ["marketing"]), {"promo_summer", "promo_a", "promo_b"})

    def test_what_was_withdrawn_is_not_set_again(self):
        browser = accepting(self.address)
        self.check(browser, ["statistics", "marketing"])
        self.assertLessEqual({"portal_stats", "promo_summer", "promo_a", "promo_b"}, set(browser.cookies))
        decide(browser, "reject")
        self.assertEqual({name for name in browser.cookies if self.table.is_optional(name)}, set())
        # What comes back all the same is neither read nor set.
        browser.cookies.update(portal_stats="7", promo_summer="seen")
        echoed = [name for name, _ in browser.get("/lab/echo").json["cookies"]]
        self.assertEqual([name for name in echoed if self.table.is_optional(name)], [])
        self.assertEqual(self.check(browser, []), set())

    def test_the_browsers_objection_is_heard_everywhere(self):
        browser = accepting(self.address)
        self.assertEqual(self.check(browser, ["statistics"], b"Sec-GPC: 1"), {"portal_stats"})
        # It has not changed the decision.
        self.assertEqual(browser.get("/whoami").json["consent"]["granted"], ["statistics", "marketing"])

    def test_to_look_often_is_no_consent(self):
        browser = Browser(self.address)
        for _ in range(20):
            for path in ["/", PAGE + "?decision=accept", "/cookies?decision=accept", PAGE + "?statistics=on"]:
                answer = browser.get(path)
                self.assertEqual((answer.status, answer.set_cookies), (200, []), path)
        prefetch = ask(self.address, "GET", PAGE, b"Sec-Purpose: prefetch")
        self.assertEqual(prefetch.set_cookies, [])
        self.assertFalse(browser.get("/whoami").json["consent"]["decided"])


class Clock(unittest.TestCase):
    """Portals of which each test moves the clock."""

    def setUp(self):
        portal = Portal()
        self.addCleanup(portal.stop)
        self.address = portal.address
        # Just behind a full hour, so that no test crosses one unawares.
        self.wait(HOUR - self.wait(0) % HOUR)

    def wait(self, seconds):
        """What the clock shows then."""
        return ask(self.address, "POST", "/lab/clock", body=b"%d" % seconds).json

    def refusal(self, *headers):
        revision = state(self.address)["revision"]
        body = urllib.parse.urlencode({"decision": "reject", "revision": revision}).encode()
        return ask(self.address, "POST", PAGE, FORM, *headers, body=body).set_cookies

    def test_refusals_of_one_hour_are_the_same_to_the_byte(self):
        first = self.refusal()
        self.assertEqual({line.name for line in lines(first) if line.max_age != 0}, {"cookie_consent"})
        self.wait(50 * 60)
        for other in [b"User-Agent: other", b"Sec-GPC: 1", b"Accept-Language: en", b"Cookie: XRMINT=n1"]:
            self.assertEqual(self.refusal(other), first, other)
        self.wait(10 * 60)
        self.assertNotEqual(self.refusal(), first)

    def test_after_180_days_the_visitor_is_asked_again(self):
        for decision, granted in [("accept", ["statistics", "marketing"]), ("reject", [])]:
            with self.subTest(decision=decision):
                browser = Browser(self.address)
                decide(browser, decision)
                self.wait(180 * DAY - HOUR)
                self.assertEqual(browser.get("/whoami").json["consent"], {"decided": True, "granted": granted})
                self.assertNotIn(b"cookie-policy-banner", browser.get("/").body)
                # The browser keeps it for longer than it should.
                self.wait(HOUR)
                self.assertEqual(browser.get("/whoami").json["consent"], {"decided": False, "granted": []})
                page = browser.get("/")
                self.assertIn(b"cookie-policy-banner", page.body)
                self.assertEqual(page.set_cookies, [])

    def test_to_come_back_does_not_prolong_a_consent(self):
        browser = accepting(self.address)
        kept = browser.cookies["cookie_consent"]
        for _ in range(5):
            self.wait(35 * DAY)
            for path in ["/", "/whoami", PAGE, "/cookies"]:
                for line in lines(browser.get(path).set_cookies):
                    self.assertNotEqual(line.name, "cookie_consent", path)
        self.assertEqual(browser.cookies["cookie_consent"], kept)
        self.wait(5 * DAY)
        self.assertFalse(browser.get("/whoami").json["consent"]["decided"])

    def test_no_lifetime_is_longer_than_the_row(self):
        browser = accepting(self.address)
        table = Table(self.address)
        far, near = "Wed, 21 Oct 2099 07:28:00 GMT", "Max-Age=60"
        lifetimes = [
            "Max-Age=31536000", "Max-Age=7776001", "Max-Age=4294967296", "Max-Age=9223372036854775808",
            "Max-Age=99999999999999999999999999", "Max-Age=1e9", "Max-Age=+99999999", "Max-Age=\"99999999\"",
            f"Expires={far}", "Expires=Fri, 31 Dec 9999 23:59:59 GMT", "Expires=Tue, 19 Jan 2038 03:14:08 GMT",
            "Expires=never", f"Max-Age=31536000; Expires={far}", f"Expires={far}; Max-Age=31536000",
            f"{near}; Max-Age=31536000", f"{near}; Expires={far}", f"MAX-AGE=31536000; expires={far}; {near}",
            f"Max-Age=99999999999999999999; Expires={far}", f"Max-Age=; Expires={far}", f"Max-Age=x; Expires={far}",
            near, "",
        ]
        for name in ["portal_stats", "promo_summer", "promo_x"]:
            limit = table.row(name)["max_age"]
            for lifetime in lifetimes:
                with self.subTest(name=name, lifetime=lifetime):
                    cookies = b"Cookie: cookie_consent=" + browser.cookies["cookie_consent"].encode()
                    body = f"{name}=1; {lifetime}".encode()
                    before = self.wait(0)
                    line = the_one(ask(self.address, "POST", "/lab/set", cookies, body=body).set_cookies, name)
                    if line.max_age is not None:
                        self.assertGreater(line.max_age, 0)
                        self.assertLessEqual(line.max_age, limit)
                    if line.expires is not None:
                        self.assertIsNotNone(line.max_age)
                        self.assertLessEqual(line.expires, before + limit + 2)
                    if lifetime.endswith(near):
                        self.assertEqual(line.max_age, 60)
                    self.assertEqual(ask(self.address, "POST", "/lab/set", body=body).set_cookies, [])


class Requests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.portal = Portal()
        cls.addClassCleanup(cls.portal.stop)
        cls.address = cls.portal.address

    def test_the_browsers_objection_has_one_form(self):
        browser = accepting(self.address)
        cookies = b"Cookie: " + browser.header()
        forms = [
            (True, [b"1"]), (True, [b" 1"]), (True, [b"1 "]),
            (True, [b"0", b"1"]), (True, [b"1", b"0"]), (True, [b"1", b"1"]),
            (False, []), (False, [b""]), (False, [b"0"]), (False, [b"true"]), (False, [b"1, 1"]), (False, [b"1,0"]),
            (False, [b" 1x"]), (False, [b"01"]), (False, [b"1.0"]), (False, [b"?1"]), (False, [b'"1"']),
            (False, [b"+1"]),
            (False, [b"\xb9"]), (False, [b"yes"]), (False, [b"1;a"]), (False, [b"11"]),
        ]
        for is_heard, values in forms:
            with self.subTest(values=values):
                sent = [b"Sec-GPC: " + value for value in values]
                self.assertIs(state(self.address, *sent)["global_privacy_control"], is_heard)
                granted = ask(self.address, "GET", "/whoami", cookies, *sent).json["consent"]["granted"]
                self.assertEqual(granted, ["statistics"] if is_heard else ["statistics", "marketing"])

    def test_a_decision_leads_to_a_path_of_this_site(self):
        revision = state(self.address)["revision"]
        own = f"http://{self.address[0]}:{self.address[1]}"
        for decision in ["accept", "reject"]:
            for target in ELSEWHERE + HERE:
                for encode in [str, urllib.parse.quote]:
                    with self.subTest(target=target, encode=encode.__name__):
                        fields = {"decision": decision, "revision": revision, "return_to": encode(target)}
                        answer = post_form(self.address, PAGE, fields)
                        self.assertEqual(answer.status, 303)
                        location = answer.one("location")
                        if encode is str:
                            self.assertEqual(location, target if target in HERE else "/")
                        self.assertRegex(location, r"\A/(?![/\\])[!-~]*\Z")
                        self.assertEqual(urllib.parse.urlsplit(urllib.parse.urljoin(own, location)).netloc, own[7:])
                        self.assertEqual(set_names(answer), ["cookie_consent"])

    def test_the_form_leads_to_a_path_of_this_site(self):
        for target in ELSEWHERE + HERE:
            with self.subTest(target=target):
                query = urllib.parse.urlencode({"return_to": target})
                page = ask(self.address, "GET", f"{PAGE}?{query}").body.decode()
                self.assertIn('name="return_to" value="/', page)
                self.assertNotRegex(page, r'name="return_to" value="/[/\\]')
                self.assertEqual(target in HERE[1:], 'name="return_to" value="/"' not in page)
        # So does the banner, below an address that looks like another site's.
        banner = ask(self.address, "GET", "//evil.example/").body.decode()
        self.assertIn("cookie-policy-banner", banner)
        answer = post_form(
            self.address,
            PAGE,
            {"decision": "reject", "revision": state(self.address)["revision"], "return_to": "//evil.example/"},
        )
        self.assertEqual(answer.one("location"), "/")

    def test_only_what_was_shown_is_decided(self):
        english, german = state(self.address)["revision"], state(self.address, b"Accept-Language: de")["revision"]
        self.assertNotEqual(english, german)
        for revision in [english, german]:
            self.assertEqual(post_form(self.address, PAGE, {"decision": "accept", "revision": revision}).status, 303)
        for revision in ["", "older", english.lower(), english[:-1], english + "A", english + german, english + "\0"]:
            answer = post_form(self.address, PAGE, {"decision": "accept", "revision": revision})
            self.assertEqual((answer.status, answer.set_cookies), (409, []), revision)
        answer = post_form(self.address, PAGE, {"decision": "accept"})
        self.assertEqual((answer.status, answer.set_cookies), (409, []))

    def test_another_site_decides_nothing(self):
        browser = accepting(self.address)
        revision = state(self.address)["revision"]
        for headers in [
            [b"Origin: https://evil.example"], [b"Origin: null"], [b"Sec-Fetch-Site: cross-site"],
            [b"Sec-Fetch-Site: same-site"], [b"Referer: https://evil.example/"],
            [b"Origin: http://127.0.0.1:1"], [b"Origin: http://localhost:%d" % self.address[1]],
        ]:
            for decision in [b"accept", b"reject"]:
                for cookies in [[], [b"Cookie: " + browser.header()]]:
                    body = b"decision=%s&revision=%s" % (decision, revision.encode())
                    answer = ask(self.address, "POST", PAGE, FORM, *headers, *cookies, body=body)
                    self.assertEqual((answer.status, answer.set_cookies), (403, []), headers)


class Rubbish(unittest.TestCase):
    def test_rubbish_is_refused_and_leaves_nothing_behind(self):
        portal = Portal()
        self.addCleanup(portal.stop)
        chance = random.Random(1)
        connection = http.client.HTTPConnection(*portal.address, timeout=30)
        self.addCleanup(connection.close)
        answered = {}

        def send(count):
            for _ in range(count):
                body, kind, cookies = rubbish(chance)
                headers = {"Content-Type": kind, **({"Cookie": cookies} if cookies else {})}
                connection.request("POST", PAGE, body, headers)
                answer = connection.getresponse()
                answer.read()
                # What a browser never sends needs no reading.
                others = [] if kind in KINDS else [415]
                self.assertIn(answer.status, [400, 409, 413, *others], (kind, body[:200]))
                self.assertIsNone(answer.getheader("set-cookie"), (kind, body[:200]))
                answered[answer.status] = answered.get(answer.status, 0) + 1
                if answer.status == 413:
                    # What was not read is in the way of the next request.
                    connection.close()
                else:
                    self.assertFalse(answer.will_close)

        send(POSTS // 10)
        before = memory(portal)
        send(POSTS - POSTS // 10)
        self.assertLess(memory(portal) - before, 20 * 1024)
        for status in [400, 409, 413]:
            self.assertGreater(answered[status], POSTS // 100, answered)
        self.assertIn("portal_stats", set_names(accepting(portal.address).get("/")))


def rubbish(chance):
    """A body, what it claims to be, and perhaps cookies: never a decision on what is shown."""
    words = [b"decision", b"accept", b"reject", b"save", b"revision", b"return_to", b"statistics", b"on", b"granted"]
    glue = [b"=", b"&", b";", b"%", b"%00", b"%ff", b"+", b"{", b"}", b"[", b"]", b'"', b":", b",", b"\\u", b"\r\n"]
    shape = chance.randrange(6)
    if shape == 0:
        body = chance.randbytes(chance.randrange(2000))
    elif shape == 1:
        body = b"".join(chance.choice(words + glue) for _ in range(chance.randrange(200)))
    elif shape == 2:
        body = b"decision=accept&revision=" + urllib.parse.quote_from_bytes(chance.randbytes(6)).encode()
    elif shape == 3:
        granted = b",".join([b'"statistics"'] * chance.randrange(99))
        body = b'{"decision":"save","granted":[%s],"revision":"x"}' % granted
    elif shape == 4:
        body = b"[" * chance.randrange(1, 9000)
    else:
        body = b"decision=accept&x=" + b"a" * chance.randrange(15_000, 30_000)
    kinds = [*KINDS, "text/plain", "multipart/form-data", "application/", ";", ""]
    forged = "1~498806~en~~+statistics.AAAAAAAA." + "A" * 35
    cookies = [None, f"cookie_consent={forged}", "cookie_consent=" + "~" * 3000]
    return body, chance.choice(kinds), chance.choice(cookies)


def memory(portal):
    """Kilobytes that the process holds."""
    with open(f"/proc/{portal.server.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


if __name__ == "__main__":
    unittest.main()
