"""One bad cookie beside a good one: the good one arrives, the bad one is refused by itself and with its reason."""

import unittest

from server import Portal
from set_cookie import the_one
from wire import ask, get, post_form

HUGE = b"a" * 5000
# Each bad pair, and the refusal that it becomes: the name, unless it is none that is legal, and the reason.
REFUSED = [
    (b"other=\xff", "other", "non_ascii"),
    (b"i18next=d\xffe", "i18next", "non_ascii"),
    (b"i18next=\xc2\xa0de", "i18next", "non_ascii"),
    (b"th\xffeme=light", "", "malformed"),
    (b"\xc2\xa0theme=light", "", "malformed"),
    (b"theme\xe2\x80\x83=light", "", "malformed"),
    (b"\xe3\x80\x80i18next\xe3\x80\x80=de", "", "malformed"),
    (b"\x85cart=5", "", "malformed"),
    (b"%74heme=light", "%74heme", "alias"),
    (b"%2574heme=light", "%2574heme", "alias"),
    (b"%4aSESSIONID=" + b"A" * 32, "%4aSESSIONID", "alias"),
    (b"%54S017a625a=forged", "%54S017a625a", "alias"),
    (b"=light", "", "malformed"),
    (b"=theme=light", "", "malformed"),
    (b"theme", "", "malformed"),
    (b"i18next=" + HUGE, "i18next", "malformed"),
    (b"theme=" + HUGE, "theme", "unsigned"),
    (b"draft=" + HUGE, "draft", "malformed"),
    (b"the me=light", "", "malformed"),
    (b"theme[]=light", "", "malformed"),
    (b'"theme"=light', "", "malformed"),
    (b"$Version,theme=light", "", "malformed"),
    (b"XRMlower=1", "XRMlower", "malformed"),
    (b"theme=light", "theme", "unsigned"),
    (b"theme=light." + b"A" * 35, "theme", "malformed"),
    (b"i18next=xx", "i18next", "malformed"),
    (b"portal_stats=1", "portal_stats", "no_consent"),
    (b"promo_spring=1", "promo_spring", "no_consent"),
]
# Strange, and nobody's declared cookie: they pass as they came.
KEPT = [
    (b"%5f%5fHost-x=1", ["%5f%5fHost-x", "1"]),
    (b"THEME=light", ["THEME", "light"]),
    (b"other=a,theme=light", ["other", "a,theme=light"]),
    (b'other="a b"', ["other", '"a b"']),
    (b"\tother\t = \ta\t", ["other", "a"]),
    (b"other=" + HUGE, ["other", HUGE.decode()]),
    (b"other=", ["other", ""]),
]


class BadBesideGood(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.portal = Portal()
        cls.addClassCleanup(cls.portal.stop)
        cls.address = cls.portal.address
        cls.good = cls.signed_theme("dark")

    @classmethod
    def signed_theme(cls, theme):
        line = the_one(post_form(cls.address, "/theme", {"theme": theme}).set_cookies, "theme")
        return f"theme={line.value}".encode()

    def orders(self, bad):
        return [bad + b"; " + self.good, self.good + b"; " + bad, b";;" + self.good + b" ;" + bad + b"; "]

    def echo(self, cookies):
        answer = get(self.address, "/lab/echo", cookies)
        self.assertEqual(answer.status, 200)
        return answer.json

    def test_the_bad_one_is_refused_with_its_reason(self):
        for bad, name, reason in REFUSED:
            for cookies in self.orders(bad):
                with self.subTest(cookies=cookies[:80]):
                    self.assertEqual(get(self.address, "/theme", cookies).json, {"theme": "dark"})
                    refusal = {"name": name, "reason": reason}
                    self.assertEqual(
                        self.echo(cookies), {"cookies": [["theme", "dark"]], "refusals": [refusal]}
                    )

    def test_what_is_only_strange_passes_unchanged(self):
        for strange, pair in KEPT:
            for cookies in self.orders(strange):
                with self.subTest(cookies=cookies[:80]):
                    self.assertEqual(get(self.address, "/theme", cookies).json, {"theme": "dark"})
                    echo = self.echo(cookies)
                    self.assertCountEqual(echo["cookies"], [["theme", "dark"], pair])
                    self.assertEqual(echo["refusals"], [])

    def test_all_bad_ones_at_once_do_not_take_the_good_one_down(self):
        bad = b"; ".join(bad for bad, _, _ in REFUSED)
        echo = self.echo(bad + b"; " + self.good)
        self.assertEqual(echo["cookies"], [["theme", "dark"]])
        refused = sorted((refusal["name"], refusal["reason"]) for refusal in echo["refusals"])
        self.assertEqual(refused, sorted((name, reason) for _, name, reason in REFUSED))

    def test_a_value_signed_for_one_name_is_none_for_another(self):
        moved = b"OFBiz.Visitor=" + self.good.removeprefix(b"theme=")
        echo = self.echo(moved + b"; " + self.good)
        self.assertEqual(echo["cookies"], [["theme", "dark"]])
        self.assertEqual(echo["refusals"], [{"name": "OFBiz.Visitor", "reason": "modified"}])

    def test_every_changed_character_of_a_signed_value_is_noticed(self):
        for at in range(len("theme="), len(self.good)):
            changed = bytearray(self.good)
            changed[at] = ord("B") if changed[at] == ord("A") else ord("A")
            with self.subTest(at=at):
                self.assertEqual(get(self.address, "/theme", bytes(changed)).json, {"theme": None})
                self.assertEqual(self.echo(bytes(changed))["cookies"], [])

    def test_two_genuine_values_that_differ_are_none(self):
        other = self.signed_theme("light")
        self.assertNotEqual(other, self.good)
        echo = self.echo(other + b"; other=1; " + self.good)
        self.assertEqual(echo["cookies"], [["other", "1"]])
        self.assertEqual({refusal["reason"] for refusal in echo["refusals"]}, {"duplicate"})

    def test_what_lies_beyond_the_limits_is_refused_once(self):
        many = b"; ".join(b"other%d=1" % number for number in range(300))
        echo = self.echo(self.good + b"; " + many)
        self.assertEqual(len(echo["cookies"]), 256)
        self.assertEqual(echo["cookies"][0], ["theme", "dark"])
        self.assertEqual(echo["refusals"], [{"name": "", "reason": "oversized"}])
        self.assertEqual(get(self.address, "/theme", self.good + b"; " + many).json, {"theme": "dark"})

    def test_no_value_is_ever_logged(self):
        for bad, _, _ in REFUSED:
            self.echo(bad.replace(b"light", b"l1ght-0f-n0-l0g") + b"; " + self.good)
        log = self.portal.logged()
        for secret in [b"l1ght-0f-n0-l0g", self.good.removeprefix(b"theme="), HUGE, b"6f6f6f6f"]:
            self.assertNotIn(secret, log)


class AfterItsTime(unittest.TestCase):
    def test_a_signed_value_ends_with_its_declared_lifetime(self):
        portal = Portal()
        self.addCleanup(portal.stop)
        line = the_one(post_form(portal.address, "/theme", {"theme": "dark"}).set_cookies, "theme")
        theme = f"theme={line.value}".encode()
        for seconds, expected in [(31_536_000 - 60, "dark"), (60, None)]:
            moved = ask(portal.address, "POST", "/lab/clock", body=str(seconds).encode())
            self.assertEqual(moved.status, 200)
            self.assertEqual(get(portal.address, "/theme", theme).json, {"theme": expected})
        echo = get(portal.address, "/lab/echo", theme).json
        self.assertEqual(echo, {"cookies": [], "refusals": [{"name": "theme", "reason": "expired"}]})


if __name__ == "__main__":
    unittest.main()
