"""Several nodes behind HAProxy: visitors stay where their session is, and nobody gets an error when a node goes."""

import concurrent.futures
import threading
import time
import unittest

from balancer import Balancer, labels, node, routing
from browser import Browser
from server import KEYS, Portal
from wire import get

BOTH = "web-1,web-2"
# Two keys of a ring, one of which is to be retired.
OLD, NEW = bytes(range(32)).hex(), bytes(range(32, 64)).hex()
CROWD, SECONDS = 8, 5


class Site(unittest.TestCase):
    """Two nodes with sessions of their own."""

    def start(self, nodes=BOTH, lines=None, cookies=None):
        self.portals = {name: node(name, nodes) for name in ["web-1", "web-2"]}
        for portal in self.portals.values():
            self.addCleanup(portal.stop)
        self.put_in_front(routing("web-1", nodes, KEYS) if lines is None else lines, cookies)

    def put_in_front(self, lines, cookies=None):
        self.balancer = Balancer(self.portals, lines, cookies)
        self.addCleanup(self.balancer.stop)
        self.address = self.balancer.address

    def arrive(self, **cookies):
        return Browser(self.address, **cookies)

    def settle(self, name):
        """A visitor with a note on this node."""
        for _ in range(4):
            browser = self.arrive()
            answer = browser.post("/note", {"text": "für später"})
            self.assertEqual(answer.status, 303)
            if answer.one("x-server") == name:
                return browser
        self.fail(f"nobody is sent to {name}")

    def is_at(self, browser, name, times=4):
        """He is sent to this node, and finds his note, as often as he comes."""
        for _ in range(times):
            answer = browser.get("/note")
            self.assertEqual((answer.one("x-server"), answer.json), (name, {"note": "für später"}))

    def kill(self, name):
        self.portals[name].server.process.kill()
        self.portals[name].server.process.wait()

    def under_load(self, crowd, event):
        """What eight visitors who never rest have seen in five seconds, with the event in the middle: failures, and when."""
        end, failures = time.monotonic() + SECONDS, []

        def rest_never(browser):
            count = 0
            while time.monotonic() < end:
                began = time.monotonic()
                try:
                    answer = browser.get("/whoami")
                    if answer.status == 200 and answer.json["user"] is None:
                        answer = browser.post("/login", {"user": "anna", "password": "demo"})
                    if answer.status not in (200, 303):
                        failures.append((began, answer.status))
                except (OSError, ValueError, AssertionError) as error:
                    failures.append((began, error))
                count += 1
            return count

        with concurrent.futures.ThreadPoolExecutor(len(crowd)) as pool:
            timer = threading.Timer(SECONDS / 2, event)
            timer.start()
            counts = list(pool.map(rest_never, crowd))
            timer.join()
        self.assertGreater(min(counts), 10)
        return failures


class Routed(Site):
    """By the label in `bsloc`, which the nodes themselves set, and the library's lines for HAProxy."""

    def test_a_visitor_stays_where_his_session_is(self):
        self.start()
        for name in self.portals:
            for _ in range(3):
                browser = self.settle(name)
                self.is_at(browser, name)
                self.assertEqual(browser.get("/whoami").json["node"], name)
                self.assertEqual(browser.get("/lab/echo").json["refusals"], [])

    def test_visitors_without_a_session_are_balanced_and_get_no_cookie(self):
        self.start()
        answers = [self.arrive().get("/whoami") for _ in range(6)]
        self.assertEqual({answer.one("x-server") for answer in answers}, set(self.portals))
        self.assertEqual([answer.set_cookies for answer in answers], [[]] * 6)
        self.assertEqual([answer.json["node"] for answer in answers], [None] * 6)

    def test_a_label_leads_to_its_node(self):
        self.start()
        lines = routing("web-1", BOTH, KEYS)
        self.assertEqual(lines, routing("web-2", BOTH, KEYS), "whichever node is asked")
        for name, (label,) in labels(lines).items():
            # The last one is no label to the node, which sets its own then: to HAProxy a value ends at a comma.
            for cookies in [f"bsloc={label}", f"x=1; bsloc={label}; y=2", f"bsloc=x; bsloc={label}", f"bsloc={label},x"]:
                for _ in range(4):
                    self.assertEqual(get(self.address, "/whoami", cookies.encode()).one("x-server"), name)

    def test_any_other_label_is_balanced_and_issued_anew(self):
        self.start()
        known = labels(routing("web-1", BOTH, KEYS))
        ((one,), (other,)) = known.values()
        for label in ["abcdefghijk", "", one.swapcase(), f'"{one}"', f"{one}=", one[:-1], f"{one}{other}", "x" * 4000]:
            served = set()
            for _ in range(4):
                browser = self.arrive(bsloc=label)
                answer = browser.get("/whoami")
                self.assertEqual(answer.status, 200)
                served.add(answer.one("x-server"))
                self.assertEqual([browser.cookies["bsloc"]], known[answer.one("x-server")], label)
                again = browser.get("/whoami")
                self.assertEqual((again.one("x-server"), again.set_cookies), (answer.one("x-server"), []))
            self.assertEqual(served, set(self.portals), label)

    def test_a_killed_node_is_nobodys_error(self):
        self.start()
        crowd = [self.settle(name) for name in [*self.portals] * (CROWD // 2)]
        for browser in crowd:
            browser.sign_in()
        before = time.monotonic()
        failures = self.under_load(crowd, lambda: self.kill("web-2"))
        # Those under way at that moment, of whom there is one for each visitor.
        self.assertLessEqual(len(failures), CROWD, failures)
        for when, failure in failures:
            self.assertLess(when, before + SECONDS / 2 + 1, failure)
        for browser in crowd:
            answer = browser.get("/whoami")
            self.assertEqual(answer.one("x-server"), "web-1")
            whoami = answer.json
            self.assertEqual((whoami["user"], whoami["node"], whoami["session"]), ("anna", "web-1", True))
            self.assertEqual([browser.cookies["bsloc"]], labels(self.balancer.routing)["web-1"])
            self.assertEqual(browser.get("/lab/echo").json["refusals"], [])

    def test_until_a_session_begins_elsewhere_the_way_back_stays_open(self):
        self.start()
        browser = self.settle("web-2")
        self.kill("web-2")
        answer = browser.get("/whoami")
        self.assertEqual((answer.status, answer.one("x-server"), answer.set_cookies), (200, "web-1", []))
        self.assertEqual((answer.json["node"], answer.json["session"]), ("web-2", None))
        # What he does there begins anew there.
        self.assertEqual(browser.post("/note", {"text": "für später"}).status, 303)
        self.is_at(browser, "web-1")

    def test_a_drained_node_keeps_its_visitors_and_gets_no_others(self):
        self.start()
        browser = self.settle("web-2")
        self.assertEqual(self.balancer.say("set server nodes/web-2 state drain").strip(), "")
        self.assertEqual({self.arrive().get("/whoami").one("x-server") for _ in range(6)}, {"web-1"})
        self.is_at(browser, "web-2")
        # For good.
        self.balancer.say("set server nodes/web-2 state maint")
        self.assertEqual(browser.get("/note").one("x-server"), "web-1")

    def test_a_list_that_drains_a_node_honours_its_labels(self):
        self.start("web-1,web-2=draining")
        self.assertEqual(labels(self.balancer.routing), labels(routing("web-1", BOTH, KEYS)))
        browser = self.settle("web-2")
        self.is_at(browser, "web-2")
        for name, portal in self.portals.items():
            answer = get(portal.address, "/whoami", browser.header())
            self.assertEqual((answer.json["node"], answer.set_cookies), ("web-2", []), name)

    def test_a_node_that_is_listed_as_dead_loses_its_visitors(self):
        self.start()
        browser = self.settle("web-2")
        rest = "web-1,web-2=dead"
        self.portals = {"web-1": node("web-1", rest), "web-3": node("web-3", f"{rest},web-3")}
        for portal in self.portals.values():
            self.addCleanup(portal.stop)
        self.put_in_front(routing("web-1", rest, KEYS))
        self.assertEqual(list(labels(self.balancer.routing)), ["web-1"])
        browser.address = self.portals["web-1"].address
        self.assertEqual(browser.captured().get("/lab/echo").json["refusals"], [{"name": "bsloc", "reason": "dead"}])
        self.assertIsNone(browser.get("/whoami").json["node"])
        self.assertEqual(browser.get("/whoami").json["node"], "web-1")

    def test_the_lines_are_what_haproxy_reads(self):
        self.start()
        # A label of this name begins with a hyphen.
        many = ",".join(["web-1", "node-90", *(f"a.b:{at}_x" for at in range(40))])
        lines = routing("web-1", many, f"{OLD},{NEW}")
        self.assertTrue(labels(lines)["node-90"][0].startswith("-"))
        self.portals = {name: self.portals["web-1"] for name in labels(lines)}
        self.put_in_front(lines)
        for name, both in labels(lines).items():
            self.assertEqual(len(both), 2)
            for label in both:
                self.assertEqual(get(self.address, "/whoami", f"bsloc={label}".encode()).one("x-server"), name)


class Rolled(Site):
    """A key is retired, node by node, and no visitor moves."""

    def start_with(self, *keys):
        for portal in getattr(self, "portals", {}).values():
            portal.stop()
        self.portals = {name: Portal("--node", name, "--nodes", BOTH, keys=",".join(keys)) for name in ["web-1", "web-2"]}
        for portal in self.portals.values():
            self.addCleanup(portal.stop)
        self.put_in_front(routing("web-1", BOTH, ",".join(keys)))

    def test_labels_under_both_keys_lead_to_their_node(self):
        self.start_with(OLD)
        visitors = {name: self.settle(name) for name in self.portals}
        self.start_with(NEW, OLD)
        for name, browser in visitors.items():
            browser.address = self.address
            before = browser.cookies["bsloc"]
            answer = browser.get("/whoami")
            self.assertEqual((answer.one("x-server"), answer.json["node"]), (name, name))
            self.assertEqual([browser.cookies["bsloc"], before], labels(self.balancer.routing)[name])
            again = browser.get("/whoami")
            self.assertEqual((again.one("x-server"), again.set_cookies), (name, []))
        self.start_with(NEW)
        for name, browser in visitors.items():
            browser.address = self.address
            self.assertEqual(browser.get("/whoami").one("x-server"), name)


class Inserted(Site):
    """By a cookie of HAProxy's own, which the table has a row for: `XRM*`, set by the load balancer."""

    LINES = '    cookie XRMINT insert indirect nocache httponly secure attr "SameSite=Lax"'

    def setUp(self):
        self.start(lines=self.LINES, cookies={"web-1": "cookie n1", "web-2": "cookie n2"})

    def test_a_visitor_stays_and_no_node_hears_of_it(self):
        for name, value in [("web-1", "n1"), ("web-2", "n2")]:
            browser = self.settle(name)
            self.assertEqual(browser.cookies["XRMINT"], value)
            self.is_at(browser, name)
            echo = browser.get("/lab/echo").json
            self.assertEqual(echo["refusals"], [])
            self.assertCountEqual(dict(echo["cookies"]), ["JSESSIONID", "X-Appia-UUID", "bsloc"])
            self.assertEqual(browser.get("/whoami").json["node"], name)

    def test_a_node_that_hears_of_it_lets_it_in(self):
        for name, portal in self.portals.items():
            for value in ["n1", "n2", "n1|awR7M|awR7M", "cd6e573ee8690119"]:
                echo = get(portal.address, "/lab/echo", f"XRMINT={value}".encode()).json
                self.assertEqual(echo, {"cookies": [["XRMINT", value]], "refusals": []}, name)

    def test_a_label_goes_before_it(self):
        both = routing("web-1", BOTH, KEYS)
        self.put_in_front(f"{self.LINES}\n{both}", {"web-1": "cookie n1", "web-2": "cookie n2"})
        browser = self.arrive()
        browser.get("/whoami")
        self.assertCountEqual(browser.cookies, ["XRMINT"])
        (label,) = labels(both)["web-2"]
        for value in ["n1", "n2", "n3"]:
            for cookies, name in [
                (f"XRMINT={value}; bsloc={label}", "web-2"),
                (f"XRMINT={value}; bsloc=abcdefghijk", {"n1": "web-1", "n2": "web-2"}.get(value)),
            ]:
                served = {get(self.address, "/whoami", cookies.encode()).one("x-server") for _ in range(4)}
                self.assertEqual(served, {name} if name else set(self.portals), cookies)

    def test_killed_nodes_visitors_move(self):
        crowd = [self.settle(name) for name in [*self.portals] * (CROWD // 2)]
        failures = self.under_load(crowd, lambda: self.kill("web-1"))
        self.assertLessEqual(len(failures), CROWD, failures)
        for browser in crowd:
            whoami = browser.get("/whoami")
            self.assertEqual((whoami.one("x-server"), browser.cookies["XRMINT"]), ("web-2", "n2"))
            self.assertEqual((whoami.json["user"], whoami.json["node"]), ("anna", "web-2"))


if __name__ == "__main__":
    unittest.main()
