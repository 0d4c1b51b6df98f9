"""Visitors who never rest, and what they were promised: each remembers what was acknowledged, and finds out what became of it."""

import concurrent.futures
import random
import threading
import time

from browser import Browser

LOGIN = "root.autoUserLoginId"
# What a portal's store may take over a step, and the machine's own time on top of it.
DEADLINE, SLACK = 3, 3


def together(jobs):
    """Runs them all at once; what they return, and the first of their errors as an error."""
    with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(job) for job in jobs]]


class Regular:
    """A visitor who does everything, knows what has to come of it, and holds the portal to that."""

    def __init__(self, address, name, shared, seed):
        self.name, self.shared = name, shared
        self.browser = Browser(address)
        self.random = random.Random(seed)
        self.asked = 0
        # Of the counter that others raise too, how often this one did.
        self.raised = 0
        self._forget()

    def _forget(self):
        self.user, self.note, self.count = None, None, 0

    def visit(self, requests):
        steps = [(self.raise_shared, 40), (self.raise_own, 12), (self.look, 14), (self.write, 12), (self.read, 10)]
        steps += [(self.enter, 6), (self.leave, 3), (self.renew, 2), (self.leave_everywhere, 1)]
        doing, weights = zip(*steps)
        while self.asked < requests:
            self.random.choices(doing, weights)[0]()

    def expect(self, answer, status):
        self.asked += 1
        assert answer.status == status, f"{self.name}: {answer.status} instead of {status}: {answer.body[:200]!r}"
        return answer

    def raise_shared(self):
        self.expect(self.shared.post("/counter/shared"), 200)
        self.raised += 1

    def raise_own(self):
        answer = self.expect(self.browser.post("/counter/own"), 200)
        self.count += 1
        assert answer.json == {"own": self.count}, f"{self.name}: {answer.json} instead of {self.count}"

    def look(self):
        who = self.expect(self.browser.get("/whoami"), 200).json
        assert who["user"] == self.user, f"{self.name}: {who['user']} instead of {self.user}"

    def write(self):
        self.note = f"{self.name} {self.random.random()}"
        self.expect(self.browser.post("/note", {"text": self.note}), 303)

    def read(self):
        note = self.expect(self.browser.get("/note"), 200).json["note"]
        assert note == self.note, f"{self.name}: {note} instead of {self.note}"

    def enter(self):
        """What was there before belongs to nobody or to the same user, so that it stays."""
        remember = {"remember": "on"} if self.random.random() < 0.3 else {}
        self.expect(self.browser.post("/login", {"user": self.name, "password": "demo", **remember}), 303)
        self.user = self.name

    def renew(self):
        if self.browser.id is None:
            return
        before = self.browser.id
        self.expect(self.browser.post("/renew"), 303)
        assert self.browser.id != before

    def leave(self, path="/logout"):
        if self.user is None:
            return
        copied = self.browser.captured()
        self.expect(self.browser.post(path), 303)
        self._forget()
        assert self.browser.id is None and LOGIN not in self.browser.cookies
        self.is_over(copied)

    def leave_everywhere(self):
        self.leave("/logout/everywhere")

    def is_over(self, copied):
        """Nothing of it comes back, however it is asked."""
        who = self.expect(copied.captured().get("/whoami"), 200).json
        assert (who["user"], who["session"], who["remembered"]) == (None, None, None), f"{self.name}: {who}"
        self.expect(copied.captured().post("/counter/own"), 409)
        self.expect(copied.captured().post("/note", {"text": "late"}), 409)


class Patient:
    """A signed-in visitor who counts through an outage, and notes what was acknowledged and what was not."""

    def __init__(self, address, name):
        self.browser = Browser(address).sign_in(name)
        self.name, self.id = name, self.browser.id
        assert self.browser.post("/note", {"text": f"of {name}"}).status == 303
        self.acknowledged, self.unknown = 0, 0
        # When each answer's request began, what it was, how long it took, and its status.
        self.answers = []

    def ask(self, what, path):
        began = time.monotonic()
        cookies = dict(self.browser.cookies)
        answer = self.browser.post(path) if what == "write" else self.browser.get(path)
        took = time.monotonic() - began
        self.answers.append((began, what, took, answer.status))
        assert answer.status in (200, 503), f"{self.name}: {path} is answered with {answer.status}: {answer.body[:200]!r}"
        assert took < DEADLINE + SLACK, f"{self.name}: {path} took {took:.1f} s"
        assert self.browser.cookies.keys() >= cookies.keys(), f"{self.name} lost {cookies.keys() - self.browser.cookies.keys()}"
        assert self.browser.id == self.id, f"{self.name}: the session has another id"
        if answer.status == 503:
            assert not [line for line in answer.set_cookies if line.startswith(("JSESSIONID", "root."))], answer.set_cookies
        return answer

    def persist(self, end):
        """Until then: one request after the other."""
        while time.monotonic() < end:
            answer = self.ask("write", "/counter/own")
            if answer.status == 200:
                self.acknowledged += 1
                counted = answer.json["own"]
                assert self.acknowledged <= counted <= self.acknowledged + self.unknown, self.told(counted)
            else:
                self.unknown += 1
            self.look()
            # So that there are not thousands of refusals.
            if answer.status == 503:
                time.sleep(0.02)

    def look(self):
        answer = self.ask("read", "/whoami")
        if answer.status == 200:
            assert answer.json["user"] == self.name, f"{self.name} is {answer.json['user']}"

    def holds(self):
        """Afterwards: what was acknowledged is there, and nothing else but what may be."""
        answer = self.ask("write", "/counter/own")
        assert answer.status == 200, answer.status
        self.acknowledged += 1
        counted = answer.json["own"]
        assert self.acknowledged <= counted <= self.acknowledged + self.unknown, self.told(counted)
        assert self.browser.get("/note").json == {"note": f"of {self.name}"}
        assert self.browser.user == self.name

    def told(self, counted):
        return f"{self.name}: {counted} are counted, {self.acknowledged} were acknowledged, {self.unknown} not known"

    def answered(self, status, since=0, until=float("inf")):
        return [answer for answer in self.answers if answer[3] == status and since <= answer[0] < until]

    def refused(self, since=0, until=float("inf")):
        return self.answered(503, since, until)


def outage(crowd, begin, end, before=1.0, lasting=4.0, after=5.0):
    """Lets the crowd persist while it begins and ends. The moments at which it did."""
    now = time.monotonic()
    moments = []

    def happen():
        time.sleep(before)
        moments.append(time.monotonic())
        begin()
        time.sleep(lasting)
        end()
        # From here on there is nothing the matter.
        moments.append(time.monotonic())

    thread = threading.Thread(target=happen)
    thread.start()
    together([lambda visitor=visitor: visitor.persist(now + before + lasting + after) for visitor in crowd])
    thread.join()
    return moments
