"""Whatever the status and the kind of a response: only what the table allows leaves, and as the table says."""

import unittest

from server import Portal
from set_cookie import declared, without_transaction
from wire import ask, get

STATUSES = [200, 302, 304, 404, 500]
# Lines of a handler that does not know the table, and the reason for which each is stopped.
STOPPED = [
    (b"tracker=1; Path=/; Max-Age=60", "undeclared"),
    (b"CART=1", "undeclared"),
    (b"XRMlower=1", "undeclared"),
    (b"JSESSIONID=0123456789ABCDEF0123456789ABCDEF; Path=/", "managed"),
    (b"X-Appia-UUID=6f1d2c9e-6f0b-4a58-9c55-6d3f1c2b7a10", "managed"),
    (b"XRMINT=node-1", "not_issuer"),
    (b"theme=forced", "not_requested"),
    (b"i18next=de; MAX-AGE=60", "not_requested"),
    (b"portal_stats=1", "no_consent"),
    (b"promo_spring=1", "no_consent"),
    (b"no equals sign", "malformed"),
    (b"=nameless", "malformed"),
    (b"ca rt=1", "malformed"),
    (b"SET-COOKIE: cart=1", "malformed"),
    (b"cart=caf\xc3\xa9", "malformed"),
    (b"cart=two words", "malformed"),
    (b"cart=" + b"a" * 4093, "oversized"),
    (b"cart=1; Path=/" + b"a" * 1024, "oversized"),
]
# The last one of a name leaves, in the row's scope and with the row's lifetime.
REPEATED = [
    b"cart=first; Path=/",
    b"cart=second; PATH=/elsewhere; MAX-AGE=999; DOMAIN=evil.example; SAMESITE=None",
    b"cart=third; path=/; EXPIRES=Wed, 21 Oct 2099 07:28:00 GMT; max-age=60",
]


class Statuses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.portal = Portal()
        cls.addClassCleanup(cls.portal.stop)
        cls.address = cls.portal.address
        rows = get(cls.address, "/cookies.json").json["cookies"]
        cls.transaction = [name for row in rows for name in row.get("names", [])]

    def kinds(self):
        for status in STATUSES:
            for method in ["POST", "HEAD"]:
                yield method, status

    def write(self, method, status, *lines):
        answer = ask(self.address, method, f"/lab/status/{status}", body=b"\n".join(lines))
        self.assertEqual(answer.status, status, f"{method} of /lab/status/{status}")
        if method == "HEAD" or status == 304:
            self.assertEqual(answer.body, b"")
        return answer

    def suppressed(self):
        return get(self.address, "/lab/report").json["suppressed"]

    def test_what_the_table_does_not_allow_stays_for_its_reason(self):
        for method, status in self.kinds():
            for line, reason in STOPPED:
                with self.subTest(method=method, status=status, line=line[:40]):
                    before = self.suppressed().get(reason, 0)
                    answer = self.write(method, status, line)
                    self.assertEqual(answer.set_cookies, [])
                    self.assertEqual(answer.all("cache-control"), [])
                    self.assertEqual(self.suppressed().get(reason, 0), before + 1)

    def test_transaction_names_are_the_policys_alone(self):
        self.assertGreater(len(self.transaction), 1)
        forged = [f"{name}=forged; Path=/".encode() for name in self.transaction]
        deleted = [f"{name}=; Path=/; Max-Age=0".encode() for name in self.transaction]
        for method, status in self.kinds():
            with self.subTest(method=method, status=status):
                self.assertEqual(self.write(method, status, *forged, *deleted).set_cookies, [])

    def test_one_line_leaves_of_those_that_were_written_again_and_again(self):
        row = declared(self.address, "cart")
        stopped = [line for line, reason in STOPPED if reason != "oversized"]
        for method, status in self.kinds():
            with self.subTest(method=method, status=status):
                answer = self.write(method, status, *stopped, *REPEATED, *stopped)
                (line,) = without_transaction(answer.set_cookies)
                self.assertEqual((line.name, line.value), ("cart", "third"))
                self.assertEqual((line.max_age, line.expires), (None, None))
                self.assertEqual(line.scope, row["attributes"])
                self.assertEqual(answer.one("cache-control"), "no-store")

    def test_an_oversized_line_does_not_take_an_earlier_one_down(self):
        oversized = [line for line, reason in STOPPED if reason == "oversized"]
        for method, status in self.kinds():
            for line in oversized:
                with self.subTest(method=method, status=status, line=line[:20]):
                    answer = self.write(method, status, b"cart=good", line)
                    (left,) = without_transaction(answer.set_cookies)
                    self.assertEqual((left.name, left.value), ("cart", "good"))

    def test_a_deletion_passes_and_deletes(self):
        deletions = [
            b"cart=left over; Max-Age=-1",
            b"theme=left-over; Path=/old; EXPIRES=Thu, 01 Jan 1970 00:00:00 GMT",
            b"tracker=left-over; Path=/old; Domain=.shop.example; MAX-AGE=0",
        ]
        for method, status in self.kinds():
            with self.subTest(method=method, status=status):
                left = without_transaction(self.write(method, status, *deletions).set_cookies)
                scopes = [(line.name, line.scope["path"], line.scope["domain"]) for line in left]
                self.assertCountEqual(
                    scopes,
                    [
                        ("cart", "/", None),
                        ("theme", "/", None),
                        ("theme", "/old", None),
                        ("tracker", "/old", "shop.example"),
                    ],
                )
                for line in left:
                    self.assertEqual((line.value, line.max_age, line.expires), ("", 0, 0), line.name)

    def test_managed_cookies_are_not_deleted_by_a_line(self):
        for name in [b"JSESSIONID", b"bsloc", b"root.autoUserLoginId"]:
            for method, status in self.kinds():
                with self.subTest(name=name, method=method, status=status):
                    self.assertEqual(self.write(method, status, name + b"=; Max-Age=0").set_cookies, [])

    def test_lines_are_never_joined(self):
        answer = self.write("POST", 200, b"cart=a,b", b"cart=c, tracker=1", b"cart=d; Path=/, tracker=1")
        (line,) = without_transaction(answer.set_cookies)
        self.assertEqual(line.name, "cart")
        self.assertNotIn(",", "".join(answer.set_cookies))

    def test_a_plain_head_sets_nothing(self):
        for path in ["/", "/whoami", "/theme", "/cart", "/cookies", "/nowhere"]:
            answer = ask(self.address, "HEAD", path)
            self.assertEqual((answer.set_cookies, answer.body), ([], b""), path)


if __name__ == "__main__":
    unittest.main()
