"""Signing in: who gets in and who does not, and what is made of ids and values that were there before."""

import unittest

from browser import Browser
from server import Portal
from wire import FORM, ask

MADE_UP = "0123456789ABCDEF0123456789ABCDEF"
# Neither this user nor this password is let in.
WRONG = [
    {"user": "anna", "password": "wrong"},
    {"user": "anna", "password": ""},
    {"user": "anna", "password": "DEMO"},
    {"user": "anna", "password": " demo"},
    {"user": "anna"},
    {"password": "demo"},
    {"user": "", "password": "demo"},
    {"user": "   ", "password": "demo"},
    {"user": "a" * 65, "password": "demo"},
    {"user": "anna\nbert", "password": "demo"},
    {"user": "anna\x7f", "password": "demo"},
    {"user": "an\u200bna", "password": "demo"},
    {"user": "\u202eanna", "password": "demo"},
    {},
]
RIGHT = ["a", "a" * 64, "ä" * 64, "Anna Müller", "anna@example.org", "陳", "<b>anna</b>", "100%;=,\"'"]


class SignIn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.portal = Portal()
        cls.addClassCleanup(cls.portal.stop)

    def arrive(self, **cookies):
        return Browser(self.portal.address, **cookies)

    def test_who_is_wrong_gets_401_with_the_form_and_no_cookie(self):
        for fields in WRONG:
            with self.subTest(fields=fields):
                browser = self.arrive()
                answer = browser.post("/login", fields)
                self.assertEqual((answer.status, answer.set_cookies), (401, []))
                page = answer.body.decode()
                self.assertIn('action="/login"', page)
                self.assertIn("That user name and password do not go together.", page)
                self.assertIsNone(browser.get("/whoami").json["session"])

    def test_a_name_comes_back_as_it_was_given_and_is_no_markup(self):
        for name in RIGHT:
            with self.subTest(name=name):
                browser = self.arrive().sign_in(name)
                self.assertEqual(browser.user, name)
                self.assertNotIn("<b>", browser.get("/").body.decode())

    def test_to_be_remembered_is_asked_and_not_ticked_beforehand(self):
        page = self.arrive().get("/").body.decode()
        box = page[page.index('<input type="checkbox"') :].split(">")[0]
        self.assertIn('name="remember"', box)
        self.assertNotIn("checked", box)
        browser = self.arrive().sign_in()
        self.assertNotIn("root.autoUserLoginId", browser.cookies)
        self.assertIsNone(browser.get("/whoami").json["remembered"])

    def test_a_wrong_password_leaves_the_session_alone(self):
        browser = self.arrive().sign_in()
        before = dict(browser.cookies)
        self.assertEqual(browser.post("/login", {"user": "bert", "password": "wrong"}).status, 401)
        self.assertEqual((browser.user, browser.cookies), ("anna", before))

    def test_an_id_that_was_made_up_is_never_adopted(self):
        for cookie in [MADE_UP, "A" * 32, MADE_UP.lower(), "x"]:
            for path, fields in [
                ("/login", {"user": "anna", "password": "demo"}),
                ("/note", {"text": "planted"}),
                ("/counter/planted", {}),
            ]:
                with self.subTest(cookie=cookie, path=path):
                    browser = self.arrive(JSESSIONID=cookie)
                    self.assertLess(browser.post(path, fields).status, 400)
                    self.assertRegex(browser.id, r"^[0-9A-F]{32}$")
                    self.assertNotEqual(browser.id, cookie)
                    # Whoever planted the id has nothing of it.
                    planter = self.arrive(JSESSIONID=cookie)
                    self.assertIsNone(planter.get("/whoami").json["session"])
                    self.assertEqual(planter.get("/note").json, {"note": None})

    def test_what_a_made_up_id_reads_is_nothing(self):
        browser = self.arrive(JSESSIONID=MADE_UP)
        for path in ["/", "/whoami", "/note"]:
            answer = browser.get(path)
            self.assertEqual((answer.status, answer.set_cookies), (200, []), path)
        self.assertEqual(browser.get("/sessions").status, 401)

    def test_a_note_goes_along_to_its_writer_and_to_nobody_else(self):
        browser = self.arrive()
        browser.post("/note", {"text": "annas"})
        browser.sign_in("anna")
        self.assertEqual(browser.get("/note").json, {"note": "annas"})
        browser.sign_in("bert")
        self.assertEqual((browser.user, browser.get("/note").json), ("bert", {"note": None}))

    def test_a_note_is_text_of_any_kind_and_an_empty_one_is_none(self):
        browser = self.arrive().sign_in()
        for text in ["\nfirst line empty", "</textarea><b>", "ümläut 🎈", "a" * 10_000]:
            browser.post("/note", {"text": text})
            self.assertEqual(browser.get("/note").json, {"note": text})
            self.assertNotIn("</textarea><b>", browser.get("/").body.decode())
        browser.post("/note", {"text": ""})
        self.assertEqual(browser.get("/note").json, {"note": None})
        self.assertEqual(browser.post("/note", {}).status, 400)

    def test_forms_are_answered_with_303_also_for_nobody(self):
        for path in ["/logout", "/logout/everywhere", "/renew", "/password"]:
            browser = self.arrive()
            answer = browser.post(path)
            self.assertEqual((answer.status, answer.one("location")), (303, "/"), path)
            self.assertEqual(browser.cookies, {}, path)
        self.assertEqual(self.arrive().post("/sessions/revoke", {"session": "x"}).status, 401)

    def test_no_password_and_no_id_is_ever_logged(self):
        self.arrive().post("/login", {"user": "anna", "password": "h1dden-w0rd"})
        browser = self.arrive().sign_in()
        browser.get("/")
        log = self.portal.logged()
        self.assertNotIn(b"h1dden-w0rd", log)
        self.assertNotIn(browser.id.encode(), log)

    def test_what_is_no_form_signs_nobody_in(self):
        address = self.portal.address
        for body in [b"{}", b'{"user":"anna","password":"demo"}']:
            answer = ask(address, "POST", "/login", b"Content-Type: application/json", body=body)
            self.assertEqual((answer.status // 100, answer.set_cookies), (4, []))
        answer = ask(address, "POST", "/login", FORM, body=b"user=%FF&password=demo")
        self.assertNotEqual(answer.status // 100, 5)

    def test_what_is_about_one_user_is_for_no_cache(self):
        browser = self.arrive().sign_in()
        browser.post("/note", {"text": "private"})
        for path in ["/", "/whoami", "/note", "/sessions"]:
            answer = browser.get(path)
            self.assertEqual(answer.one("cache-control"), "no-store", path)
            self.assertIn("Cookie", answer.one("vary"), path)


if __name__ == "__main__":
    unittest.main()
