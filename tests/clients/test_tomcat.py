"""Tomcat, unchanged, behind the gateway: its sessions go on, and nobody gets into one by another way than the guarded cookie."""

import pathlib
import re
import shutil
import tempfile
import unittest

from gateway import Gateway
from set_cookie import lines, the_one
from tomcat import Tomcat, compiled, hashed, said
from wire import ask


class Visitor:
    """A browser that keeps every cookie that it is sent."""

    def __init__(self, address):
        self.address, self.jar = address, {}

    def get(self, path="/", cookies=None, method="GET"):
        sent = "; ".join(f"{name}={value}" for name, value in self.jar.items()) if cookies is None else cookies
        self.answer = ask(self.address, method, path, *([f"Cookie: {sent}".encode("latin-1")] if sent else []))
        assert self.answer.status == 200, self.answer.status
        for line in lines(self.answer.set_cookies):
            if line.max_age == 0:
                self.jar.pop(line.name, None)
            else:
                self.jar[line.name] = line.value
        return said(self.answer)

    @property
    def id(self):
        return self.jar["JSESSIONID"]

    @property
    def ticket(self):
        """All that is not the session's id."""
        return "; ".join(f"{name}={value}" for name, value in self.jar.items() if name != "JSESSIONID")


class Classes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.classes = compiled(folder)


class Sessions(Classes):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two = Tomcat(cls.classes, "one"), Tomcat(cls.classes, "two")
        cls.addClassCleanup(cls.one.stop)
        cls.addClassCleanup(cls.two.stop)
        cls.gateway = Gateway(f"one={cls.one.url}", f"two={cls.two.url}")
        cls.addClassCleanup(cls.gateway.stop)
        cls.addresses = {"one": cls.one.address, "two": cls.two.address}

    def visitor(self):
        return Visitor(self.gateway.address)

    def test_a_session_goes_on_where_it_began(self):
        for _ in range(3):
            visitor = self.visitor()
            seen = [visitor.get() for _ in range(5)]
            self.assertEqual([one["visits"] for one in seen], ["1", "2", "3", "4", "5"])
            self.assertEqual({one["session"] for one in seen}, {hashed(visitor.id)})
            self.assertEqual({one["route"] for one in seen}, {visitor.jar["XRMINT"]})
            self.assertEqual([one["cookies"] for one in seen], ["", *["JSESSIONID"] * 4])
            self.assertEqual([one["joined"] for one in seen], ["false", *["true"] * 4])

    def test_its_cookie_is_guarded_like_any_other(self):
        visitor = self.visitor()
        route = visitor.get()["route"]
        self.assertRegex(visitor.id, rf"^[0-9A-F]{{32}}\.{route}$")
        scope = {"path": "/", "domain": None, "same_site": "Lax", "secure": True, "http_only": True}
        for line in lines(visitor.answer.set_cookies):
            self.assertEqual((line.scope, line.max_age, line.expires), (scope, None, None))
        others = sorted(name for name in visitor.jar if name not in ["JSESSIONID", "XRMINT"])
        self.assertEqual(len(others), 2)
        self.assertRegex(others[0], "^TS01[0-9a-f]{6}$")
        self.assertRegex(others[1], "^TS[0-9a-f]{8}d$")
        # What was set once is not set again.
        visitor.get()
        self.assertEqual(visitor.answer.set_cookies, [])

    def test_a_changed_id_does_not_reach_it(self):
        for change in [
            lambda own: own.replace(own[0], "F" if own[0] != "F" else "0", 1),
            lambda own: own.split(".")[0],
            lambda own: own.lower(),
            lambda own: f'"{own}"',
            lambda own: own + "x",
            lambda own: "",
        ]:
            visitor = self.visitor()
            visitor.get()
            own = visitor.id
            seen = visitor.get(cookies=f"JSESSIONID={change(own)}; {visitor.ticket}")
            self.assertEqual((seen["cookies"], seen["joined"], seen["visits"]), ("", "false", "1"))
            self.assertNotEqual(seen["session"], hashed(own))
            # And the new session is as good as the first was.
            self.assertEqual(visitor.get()["visits"], "2")

    def test_another_visitors_id_does_not_reach_it(self):
        victim, thief = self.visitor(), self.visitor()
        victim.get()
        thief.get()
        for cookies in [
            f"JSESSIONID={victim.id}",
            f"JSESSIONID={victim.id}; {thief.ticket}",
            f"{thief.ticket}; JSESSIONID={victim.id}",
        ]:
            seen = Visitor(self.gateway.address).get(cookies=cookies)
            self.assertEqual((seen["cookies"], seen["visits"]), ("", "1"))
            self.assertNotEqual(seen["session"], hashed(victim.id))
        # Beside the thief's own it is passed over, though Tomcat tries each until one is valid.
        for own in [0, 1]:
            pairs = [f"JSESSIONID={thief.id}", f"JSESSIONID={victim.id}"][:: 1 if own else -1]
            seen = thief.get(cookies="; ".join([*pairs, thief.ticket]))
            self.assertEqual((seen["cookies"], seen["session"]), ("JSESSIONID", hashed(thief.id)))
        self.assertEqual(victim.get()["visits"], "2")

    def test_no_spelling_of_a_cookie_walks_around_the_guard(self):
        victim = self.visitor()
        route = victim.get()["route"]
        joins = 0
        for header in [
            f"JSESSIONID={victim.id}",
            f'JSESSIONID="{victim.id}"',
            f"JSESSIONID = {victim.id}",
            f"\tJSESSIONID\t=\t{victim.id}\t",
            f"a=1,JSESSIONID={victim.id}",
            f"a=1, JSESSIONID={victim.id}",
            f"$Version=1; JSESSIONID={victim.id}; $Path=/",
            f'$Version="1"; JSESSIONID="{victim.id}"',
            f'a="; JSESSIONID={victim.id}; "',
            f'a="x\\"; JSESSIONID={victim.id}',
            f"JSESSIONID={victim.id},a=1",
            f"JSESSIONID={victim.id} a",
            f"=JSESSIONID={victim.id}",
            f";;JSESSIONID={victim.id};;",
            f"a; JSESSIONID={victim.id}",
            f"\xe4=1; JSESSIONID={victim.id}",
            f"a=\xe4; JSESSIONID={victim.id}",
            f"%4aSESSIONID={victim.id}",
            f"jsessionid={victim.id}",
            f"JSESSIONID=x; JSESSIONID={victim.id}",
            "; ".join(["JSESSIONID=x"] * 150 + [f"JSESSIONID={victim.id}"]),
            f"JSESSIONIDVERSION=/:1; JSESSIONID={victim.id}",
        ]:
            with self.subTest(header=header[:60]):
                field = f"Cookie: {header}".encode("latin-1")
                alone = ask(self.addresses[route], "GET", "/look", field)
                joins += alone.status == 200 and said(alone)["session"] == hashed(victim.id)
                answer = ask(self.gateway.address, "GET", "/look", field, f"Cookie: XRMINT={route}".encode())
                self.assertEqual((answer.status, said(answer)["session"]), (200, ""))
        # Most of them work where no gateway is.
        self.assertGreater(joins, 10)

    def test_none_comes_within_another_cookies_value(self):
        # Tomcat 9's parser splits a value at a comma once there is a version (RFC 2109); this one's does not, so what it was sent
        # is looked at.
        visitor = self.visitor()
        visitor.get()
        own = "; ".join(f"{name}={value}" for name, value in visitor.jar.items())
        for smuggled in [
            "$Version=1; a=b,JSESSIONID=EVIL",
            '$Version="1"; a="b",JSESSIONID=EVIL',
            "$Version=1; a=b, JSESSIONID=EVIL; $Path=/",
            "a=b,JSESSIONID=EVIL",
            "a=b JSESSIONID=EVIL",
        ]:
            for cookies in [f"{smuggled}; {own}", f"{own}; {smuggled}"]:
                with self.subTest(cookies=cookies[:40]):
                    seen = Visitor(self.gateway.address).get("/look", cookies=cookies)
                    self.assertNotIn("JSESSIONID=EVIL", seen["header"])
                    self.assertIn(f"JSESSIONID={visitor.id}", seen["header"])
                    self.assertEqual((seen["joined"], seen["session"]), ("true", hashed(visitor.id)))

    def test_no_spelling_of_a_path_walks_around_the_guard(self):
        victim = self.visitor()
        route = victim.get()["route"]
        joins = 0
        for path in [
            "/look;jsessionid={}",
            "/look;jsessionid={}?a=1",
            "/look;a=1;jsessionid={};b=2",
            "/;jsessionid={}/look",
            "/look/..;jsessionid={}/look",
            "/x;jsessionid={}/../look",
            "//look;jsessionid={}",
            "/look;JSESSIONID={}",
            "/look;j%73essionid={}",
            "/look;jsessionid=x;jsessionid={}",
            "/look;jsessionid={};jsessionid=x",
            "/look;;;jsessionid={}",
        ]:
            with self.subTest(path=path):
                path = path.format(victim.id)
                alone = ask(self.addresses[route], "GET", path)
                joins += alone.status == 200 and said(alone)["session"] == hashed(victim.id)
                answer = ask(self.gateway.address, "GET", path, f"Cookie: XRMINT={route}".encode())
                self.assertEqual(answer.status, 200)
                seen = said(answer)
                self.assertNotEqual(seen["session"], hashed(victim.id))
                self.assertEqual((seen["joined"], seen["url"]), ("false", "false"))
        self.assertGreater(joins, 6)
        for path in ["/look%3bjsessionid={}", "/look%3Bjsessionid%3D{}", "/look%253bjsessionid={}"]:
            self.assertEqual(ask(self.gateway.address, "GET", path.format(victim.id)).status, 400)

    def test_the_links_of_a_first_page_work(self):
        visitor = self.visitor()
        link = visitor.get()["link"]
        self.assertIn(";jsessionid=", link)
        seen = visitor.get(link)
        self.assertEqual((seen["path"], seen["visits"], seen["joined"], seen["url"]), ("/next", "2", "true", "false"))
        self.assertEqual(seen["link"], "/next", "now that it knows the cookie")

    def test_a_renewed_id_is_guarded_and_the_old_one_is_dead(self):
        visitor = self.visitor()
        visitor.get()
        old, ticket = visitor.id, visitor.ticket
        self.assertEqual(visitor.get("/renew")["visits"], "2")
        self.assertNotEqual(visitor.id, old)
        self.assertEqual(visitor.get()["visits"], "3")
        # Its companion is genuine still, so it reaches Tomcat, which knows it no more.
        seen = Visitor(self.gateway.address).get("/look", cookies=f"JSESSIONID={old}; {ticket}")
        self.assertEqual((seen["cookies"], seen["joined"], seen["session"]), ("JSESSIONID", "false", ""))

    def test_after_signing_out_a_new_session_begins(self):
        visitor = self.visitor()
        visitor.get()
        old = visitor.id
        visitor.get("/out")
        self.assertEqual(visitor.get()["visits"], "1")
        self.assertNotEqual(visitor.id, old)
        self.assertEqual(visitor.get()["visits"], "2")

    def test_other_methods_pass(self):
        visitor = self.visitor()
        visitor.get()
        self.assertEqual(visitor.get(method="POST")["visits"], "2")
        answer = ask(self.gateway.address, "HEAD", "/", f"Cookie: {visitor.ticket}; JSESSIONID={visitor.id}".encode())
        self.assertEqual((answer.status, answer.body, answer.set_cookies), (200, b"", []))
        self.assertEqual(visitor.get()["visits"], "4")


class Killed(Classes):
    def test_the_visitor_goes_on_at_the_other_with_a_new_session(self):
        tomcats = {name: Tomcat(self.classes, name) for name in ["one", "two"]}
        gateway = Gateway(*(f"{name}={tomcat.url}" for name, tomcat in tomcats.items()))
        self.addCleanup(gateway.stop)
        visitors = [Visitor(gateway.address) for _ in range(4)]
        for visitor in visitors:
            visitor.get()
            visitor.get()
        killed, other = "one", "two"
        self.addCleanup(tomcats[other].stop)
        tomcats[killed].stop()
        for visitor in visitors:
            route, old = visitor.jar["XRMINT"], visitor.id
            seen = visitor.get()
            self.assertEqual(seen["route"], other)
            if route == killed:
                # The old id verifies still, but means nothing there.
                self.assertEqual((seen["joined"], seen["visits"]), ("false", "1"))
                self.assertEqual(the_one(visitor.answer.set_cookies, "XRMINT").value, other)
                self.assertTrue(visitor.id.endswith(f".{other}") and visitor.id != old)
            else:
                self.assertEqual((seen["joined"], seen["visits"], visitor.answer.set_cookies), ("true", "3", []))
            before = int(seen["visits"])
            self.assertEqual([int(visitor.get()["visits"]) for _ in range(2)], [before + 1, before + 2])
        self.assertEqual({visitor.jar["XRMINT"] for visitor in visitors}, {other})
        self.assertEqual({bool(re.search(r"\.two$", visitor.id)) for visitor in visitors}, {True})


if __name__ == "__main__":
    unittest.main()
