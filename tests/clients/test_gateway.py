"""The gateway before two back ends that know nothing of it: who is sent where, which cookies pass, and what the wire says."""

import concurrent.futures
import http.client
import re
import socket
import subprocess
import tempfile
import time
import unittest

from gateway import GATEWAY, Backend, Gateway, by_name
from set_cookie import lines, the_one
from wire import Answer, ask

MIB = 1 << 20
ID = "19AE8C76404ACD4FC66BBCE3F6FF0705.n1"


def talk(address, *pieces, method="GET"):
    """Bytes as they are, and the one answer to them."""
    with socket.create_connection(address, timeout=30) as connection:
        for piece in pieces:
            connection.sendall(piece)
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        return Answer(response)


def everything(address, request, then=lambda connection: None):
    """All bytes that come back until the connection is closed."""
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request)
        then(connection)
        seen = b""
        while some := connection.recv(1 << 16):
            seen += some
    return seen


def statuses_in(seen):
    return [int(status) for status in re.findall(rb"^HTTP/1\.[01] (\d{3})", seen, re.MULTILINE)]


def answers(address, request):
    """All status lines that come back once nothing more is asked."""
    return statuses_in(everything(address, request, lambda connection: connection.shutdown(socket.SHUT_WR)))


def sent_back(texts):
    return "; ".join(f"{line.name}={line.value}" for line in lines(texts))


def cookie(text):
    return f"Cookie: {text}".encode("latin-1")


class Gated(unittest.TestCase):
    def backend(self, name, answer=by_name, port=0):
        backend = Backend(name, answer, port)
        self.addCleanup(backend.stop)
        return backend

    def gateway(self, *backends, options=()):
        gateway = Gateway(*(backend.url for backend in backends), options=options)
        self.addCleanup(gateway.stop)
        return gateway

    def one(self, answer=by_name, options=()):
        """A gateway before one back end."""
        self.behind = self.backend("one", answer)
        self.front = self.gateway(self.behind, options=options)
        return self.front.address

    @property
    def last(self):
        return self.behind.seen[-1]


class Stickiness(Gated):
    def setUp(self):
        self.first, self.second = self.backend("first"), self.backend("second")

    def start(self, *options):
        self.address = self.gateway(self.first, self.second, options=options).address

    def get(self, cookies=None):
        return ask(self.address, "GET", "/", *([cookie(cookies)] if cookies else []))

    def test_a_visitor_stays_where_the_first_request_went(self):
        self.start()
        for name in [b"first", b"second", b"first"]:
            answer = self.get()
            self.assertEqual(answer.body, name)
            line = the_one(answer.set_cookies, "XRMINT")
            self.assertEqual(line.value, {b"first": "n1", b"second": "n2"}[name])
            scope = {"path": "/", "domain": None, "same_site": "Lax", "secure": True, "http_only": True}
            self.assertEqual((line.scope, line.max_age, line.expires), (scope, None, None))
            self.assertEqual(answer.one("cache-control"), "no-store")
            for _ in range(3):
                again = self.get(f"XRMINT={line.value}")
                self.assertEqual((again.body, again.set_cookies, again.all("cache-control")), (name, [], []))

    def test_back_ends_do_not_see_the_cookie(self):
        self.start()
        self.get("a=1; XRMINT=n2; b=2")
        self.get("XRMINT=n2")
        self.assertEqual([request.all("cookie") for request in self.second.seen], [["a=1; b=2"], []])

    def test_what_names_no_back_end_is_no_error(self):
        self.start()
        for value in ["n3", "", '"n1"', "127.0.0.1:%d" % self.first.port, "n1|", "N1", "x" * 300]:
            with self.subTest(value=value):
                answer = self.get(f"XRMINT={value}")
                self.assertEqual(answer.status, 200)
                named = value == "n1|"
                self.assertEqual(len(answer.set_cookies), 0 if named else 1)

    def test_a_visitor_is_taken_in_by_another_and_new_ones_come_back(self):
        self.start()
        self.first.stop()
        answer = self.get("XRMINT=n1")
        self.assertEqual((answer.status, answer.body), (200, b"second"))
        self.assertEqual(the_one(answer.set_cookies, "XRMINT").value, "n2")
        for _ in range(4):
            self.assertEqual(self.get().body, b"second")
        self.first = self.backend("first", port=self.first.port)
        until = time.monotonic() + 15
        while self.get().body != b"first":
            self.assertLess(time.monotonic(), until, "it was not found again")
            time.sleep(0.2)
        self.assertEqual(self.get("XRMINT=n1").set_cookies, [])

    def test_a_request_with_a_body_is_taken_in_whole(self):
        self.start()
        self.first.stop()
        content = bytes(range(256)) * 1024
        chunked = b"".join(b"%x\r\n%b\r\n" % (4096, content[at : at + 4096]) for at in range(0, len(content), 4096))
        answer = ask(self.address, "POST", "/", cookie("XRMINT=n1"), body=content)
        self.assertEqual((answer.status, answer.body), (200, b"second"))
        head = b"POST / HTTP/1.1\r\nHost: site\r\nTransfer-Encoding: chunked\r\nCookie: XRMINT=n1\r\n\r\n"
        self.start()
        self.assertEqual(talk(self.address, head, chunked, b"0\r\n\r\n").body, b"second")
        self.assertEqual([request.content == content for request in self.second.seen], [True, True])

    def test_without_a_back_end_it_is_503(self):
        self.start()
        self.first.stop()
        self.second.stop()
        for cookies in [None, "XRMINT=n1", "XRMINT=n2"]:
            answer = self.get(cookies)
            self.assertEqual((answer.status, answer.set_cookies), (503, []))
            self.assertEqual(answer.one("cache-control"), "no-store")

    def test_many_at_once_are_all_taken_in(self):
        self.start()
        self.first.stop()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: self.get("XRMINT=n1"), range(48)))
        self.assertEqual({(answer.status, answer.body) for answer in answers}, {(200, b"second")})

    def test_one_that_drains_takes_no_new_visitors(self):
        self.address = self.gateway(self.second, options=["--drain", f"old={self.first.url}"]).address
        self.assertEqual({self.get().body for _ in range(4)}, {b"second"})
        answer = self.get("XRMINT=old")
        self.assertEqual((answer.body, answer.set_cookies), (b"first", []))
        self.second.stop()
        self.assertEqual([self.get().status, self.get("XRMINT=old").status], [503, 200])

    def test_back_ends_do_not_set_the_cookie(self):
        def planting(request):
            request.reply(b"", "Set-Cookie: XRMINT=n9; Path=/", "Set-Cookie: XRMEXT=n9", "Cache-Control: public")

        self.first.answer = self.second.answer = planting
        self.start()
        answer = self.get()
        self.assertRegex(answer.one("set-cookie"), "^XRMINT=n[12];")
        self.assertEqual(answer.one("cache-control"), "private")
        self.assertEqual(self.get("XRMINT=n1").set_cookies, [])


class Guard(Gated):
    """`JSESSIONID` is the back end's own, and guarded."""

    def login(self, request):
        """Signs in at `/in`, and says elsewhere which cookies came."""
        if request.path == "/in":
            request.reply(b"", f"Set-Cookie: JSESSIONID={ID}; Path=/; HttpOnly", "Set-Cookie: other=1")
        else:
            request.reply("; ".join(request.cookies).encode())

    def start(self, *options):
        self.address = self.one(self.login, options)
        self.jar = self.sign_in()

    def sign_in(self):
        answer = ask(self.address, "GET", "/in")
        return {line.name: line.value for line in lines(answer.set_cookies)}

    def seen_with(self, path="/", *headers, **changed):
        jar = {**self.jar, **changed}
        sent = "; ".join(f"{name}={value}" for name, value in jar.items() if value is not None)
        return ask(self.address, "GET", path, cookie(sent), *headers)

    def test_it_leaves_in_the_scope_of_its_row_with_its_companions(self):
        address = self.one(self.login)
        answer = ask(address, "GET", "/in")
        names = [line.name for line in lines(answer.set_cookies)]
        self.assertCountEqual(names[:1] + names[-1:], ["JSESSIONID", "XRMINT"])
        self.assertEqual(sum(bool(re.fullmatch("TS01[0-9a-f]{6}|TS[0-9a-f]{8}d", name)) for name in names), 2)
        self.assertEqual(len(names), 4, "what the table does not have does not leave")
        for line in lines(answer.set_cookies):
            scope = {"path": "/", "domain": None, "same_site": "Lax", "secure": True, "http_only": True}
            self.assertEqual((line.scope, line.max_age), (scope, None))

    def test_it_comes_back_and_nothing_else(self):
        self.start()
        self.assertEqual(self.seen_with().body.decode(), f"JSESSIONID={ID}")
        # What the table does not know passes on the way in, as it may be a script's.
        self.assertEqual(self.seen_with(theme="dark").body.decode(), f"JSESSIONID={ID}; theme=dark")

    def test_a_changed_one_does_not_reach_the_back_end(self):
        self.start()
        companion = next(name for name in self.jar if name.endswith("d") and name.startswith("TS"))
        main = next(name for name in self.jar if name.startswith("TS01"))
        for changed in [
            {"JSESSIONID": ID.replace("19", "20")},
            {"JSESSIONID": ID + "x"},
            {"JSESSIONID": ID.lower()},
            {"JSESSIONID": f'"{ID}"'},
            {companion: None},
            {main: None},
            {companion: "A" * 35},
            {main: "A" * 40},
        ]:
            with self.subTest(changed=list(changed)):
                answer = self.seen_with(**changed)
                self.assertEqual((answer.status, answer.body), (200, b""))

    def test_another_browsers_does_not_reach_the_back_end(self):
        self.start()
        other = self.sign_in()
        self.assertEqual(self.seen_with(JSESSIONID=other["JSESSIONID"]).body.decode(), f"JSESSIONID={ID}")
        # The same id under the other's companion is no proof, even though the id is right.
        companion = next(name for name in self.jar if name.endswith("d") and name.startswith("TS"))
        self.assertEqual(self.seen_with(**{companion: other[companion]}).body, b"")

    def test_none_comes_within_another_cookies_value(self):
        # Parsers of old split values in ways that no browser does: Tomcat 9's at a comma once there is a version (RFC 2109),
        # Python's at a space.
        self.start()
        for smuggled in [
            "$Version=1; a=b,JSESSIONID=EVIL",
            '$Version="1"; a="b",JSESSIONID=EVIL',
            "$Version=1; a=b, JSESSIONID=EVIL; $Path=/",
            "a=b,JSESSIONID=EVIL",
            "a=b JSESSIONID=EVIL",
            "a=b\tJSESSIONID=EVIL",
            'a="b" JSESSIONID=EVIL',
        ]:
            for before in [True, False]:
                with self.subTest(smuggled=smuggled, before=before):
                    pairs = "; ".join(f"{name}={value}" for name, value in self.jar.items())
                    sent = f"{smuggled}; {pairs}" if before else f"{pairs}; {smuggled}"
                    self.assertEqual(ask(self.address, "GET", "/", cookie(sent)).status, 200)
                    self.assertNotIn("JSESSIONID=EVIL", "\n".join(self.last.all("cookie")))
                    # The visitor's own is none the worse for it.
                    self.assertIn(f"JSESSIONID={ID}", self.last.cookies)

    def test_under_reject_it_is_403(self):
        self.start("--action", "reject")
        before = len(self.behind.seen)
        answer = self.seen_with(JSESSIONID=ID.replace("19", "20"))
        self.assertEqual(answer.status, 403)
        self.assertEqual(the_one(answer.set_cookies, "JSESSIONID").max_age, 0)
        self.assertEqual(len(self.behind.seen), before)

    def test_ids_in_the_path_are_taken_out(self):
        self.start()
        for given, seen in [
            (f"/account;jsessionid={ID}", "/account"),
            (f"/account;jsessionid={ID}?a=;jsessionid=1", "/account?a=;jsessionid=1"),
            (f"/a;jsessionid={ID}/b;v=1;jsessionid={ID};w=2/c", "/a/b;v=1;w=2/c"),
            (f"/;jsessionid={ID}", "/"),
            (f"/;jsessionid={ID}/;jsessionid={ID}", "//"),
            (f"/a;JSESSIONID={ID}", "/a"),
            (f"/a;jSessionId={ID}", "/a"),
            (f"/a;j%73essionid={ID}", "/a"),
            (f"/a;%6A%73essionid%20={ID}", "/a"),
            ("/a;jsessionid", "/a"),
            (f"/a;x%2Fb;jsessionid={ID}%3Bjsessionid={ID}", "/a;x%2Fb"),
            (f"/a;;jsessionid={ID};", "/a;;"),
            # Nothing of the kind: not a byte changes.
            ("/a;v=jsessionid;w", "/a;v=jsessionid;w"),
            ("/a;xjsessionid=1/%20%zz%", "/a;xjsessionid=1/%20%zz%"),
            ("/jsessionid=1?jsessionid=2", "/jsessionid=1?jsessionid=2"),
            ("/a%3Bv=1", "/a%3Bv=1"),
        ]:
            with self.subTest(given=given):
                self.assertEqual(ask(self.address, "GET", given).status, 200)
                self.assertEqual(self.last.target, seen)

    def test_ids_that_hide_in_the_path_are_refused(self):
        self.start()
        before = len(self.behind.seen)
        for path in [
            f"/a%3bjsessionid={ID}",
            f"/a%3BJSESSIONID={ID}",
            f"/a%253Bjsessionid={ID}",
            f"/a%25253Bj%2573essionid={ID}",
            f"/a;x%3Bjsessionid={ID}",
            f"/a%5Cb%3Bjsessionid={ID}",
        ]:
            with self.subTest(path=path):
                self.assertEqual(ask(self.address, "GET", path).status, 400)
        self.assertEqual(len(self.behind.seen), before)

    def test_another_sites_form_does_not_reach_the_back_end(self):
        self.start()
        here = b"Origin: http://%s:%d" % (self.address[0].encode(), self.address[1])
        for origin, status in [(here, 200), (b"Origin: http://evil.example", 403), (b"Origin: null", 403)]:
            before = len(self.behind.seen)
            answer = ask(self.address, "POST", "/", origin, body=b"a=1")
            self.assertEqual(answer.status, status)
            self.assertEqual(len(self.behind.seen) - before, status == 200)

    def test_another_table_lets_another_applications_cookies_out(self):
        table = tempfile.NamedTemporaryFile("w", suffix=".toml")
        self.addCleanup(table.close)
        table.write(
            'id = "shop"\n'
            '[[cookie]]\nname = "sid"\nintegrity = "guarded"\nbasis.essential.justification = "a test"\n'
            '[[cookie]]\nname = "other"\nlifetime = "1 days"\nbasis.essential.justification = "a test"\n'
        )
        table.flush()

        def setting(request):
            request.reply(b"", "Set-Cookie: sid=1", "Set-Cookie: other=2; Max-Age=9999999", "Set-Cookie: JSESSIONID=3")

        address = self.one(setting, ["--policy", table.name])
        answer = ask(address, "GET", "/a;sid=1;jsessionid=2")
        self.assertEqual(self.last.path, "/a")
        self.assertEqual(the_one(answer.set_cookies, "other").max_age, 86400)
        names = [line.name for line in lines(answer.set_cookies) if not line.name.startswith("TS")]
        self.assertEqual(names, ["sid", "other", "XRMINT"])


class Wire(Gated):
    def test_bodies_of_known_length_pass(self):
        content = bytes(range(256)) * (5 * MIB // 256)
        address = self.one(lambda request: request.reply(request.content))
        answer = ask(address, "POST", "/", body=content)
        self.assertTrue(answer.body == content and self.last.content == content)
        self.assertEqual(answer.one("content-length"), str(len(content)))
        self.assertEqual(self.last.all("content-length"), [str(len(content))])

    def test_bodies_in_chunks_pass(self):
        content = bytes(range(256)) * (5 * MIB // 256)

        def chunked(request):
            request.write(200, "Transfer-Encoding: chunked")
            for at in range(0, len(request.content), 100_000):
                part = request.content[at : at + 100_000]
                request.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            request.wfile.write(b"0\r\n\r\n")

        address = self.one(chunked)
        head = b"POST / HTTP/1.1\r\nHost: site\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)
        answer = talk(address, head, body, method="POST")
        self.assertTrue(answer.body == content and self.last.content == content)
        self.assertEqual((answer.all("content-length"), self.last.all("content-length")), ([], []))

    def test_a_response_is_seen_while_it_is_written(self):
        go_on = []

        def slowly(request):
            request.write(200, "Transfer-Encoding: chunked")
            request.wfile.write(b"5\r\nfirst\r\n")
            while not go_on:
                time.sleep(0.01)
            request.wfile.write(b"6\r\nsecond\r\n0\r\n\r\n")

        address = self.one(slowly)
        with socket.create_connection(address, timeout=30) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: site\r\n\r\n")
            seen = b""
            while b"first" not in seen:
                seen += connection.recv(4096)
            self.assertNotIn(b"second", seen)
            go_on.append(True)
            while b"second" not in seen:
                seen += connection.recv(4096)

    def test_a_request_is_seen_while_it_is_written(self):
        def on_the_way(request):
            request.reply(b"seen")

        address = self.one(on_the_way)
        # This back end reads the whole before it answers, so a plain socket stands in for it.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            gateway = Gateway("http://127.0.0.1:%d" % listener.getsockname()[1])
            self.addCleanup(gateway.stop)
            with socket.create_connection(gateway.address, timeout=30) as connection:
                connection.sendall(b"POST / HTTP/1.1\r\nHost: site\r\nContent-Length: 11\r\n\r\nfirst")
                accepted, _ = listener.accept()
                accepted.settimeout(30)
                with accepted:
                    seen = b""
                    while b"first" not in seen:
                        seen += accepted.recv(4096)
                    connection.sendall(b"second")
                    while b"second" not in seen:
                        seen += accepted.recv(4096)
                    accepted.sendall(b"HTTP/1.1 204 Done\r\n\r\n")
                    self.assertIn(b"204 Done", connection.recv(4096))
        self.assertEqual(ask(address, "GET", "/").body, b"seen")

    def test_what_is_for_one_connection_goes_no_further(self):
        def hopping(request):
            request.reply(
                b"",
                "Connection: X-Gone, keep-alive, Set-Cookie, Cache-Control",
                "X-Gone: 1",
                "X-Stays: 2",
                "Keep-Alive: timeout=5",
                "Proxy-Authenticate: Basic",
                "Cache-Control: private",
                "Set-Cookie: JSESSIONID=1",
                "Set-Cookie2: JSESSIONID=2; Version=1",
            )

        address = self.one(hopping)
        answer = ask(
            address,
            "GET",
            "/",
            b"Connection: X-Gone, Host,Cookie , X-Forwarded-For",
            b"X-Gone: 1",
            b"X-Stays: 2",
            b"Keep-Alive: 300",
            b"Proxy-Connection: keep-alive",
            b"Proxy-Authorization: Basic eA==",
            b"TE: trailers",
            b"Upgrade: websocket, h2c",
            b"HTTP2-Settings: AAMAAABkAAQAAP__",
            b"Cookie: a=1",
            b"Cookie2: $Version=1",
        )
        self.assertEqual(answer.status, 200)
        names = {name.lower() for name in self.last.headers}
        stays = {"host", "x-stays", "cookie", "via", "x-forwarded-for", "x-forwarded-host"}
        self.assertEqual(names, stays)
        names = {name for name, _ in answer.headers}
        self.assertEqual(names - {"connection"}, {"content-length", "x-stays", "date", "cache-control", "set-cookie"})
        self.assertTrue(all("x-gone" not in value.lower() for value in answer.all("connection")))

    def test_an_upgrade_is_answered_as_a_plain_request(self):
        address = self.one()
        here = b"Origin: http://%s:%d" % (address[0].encode(), address[1])
        upgrade = [b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13"]
        self.assertEqual(ask(address, "GET", "/", here, *upgrade).status, 200)
        self.assertEqual(self.last.all("upgrade"), [])
        # From another site not even that.
        self.assertEqual(ask(address, "GET", "/", b"Origin: http://evil.example", *upgrade).status, 403)

    def test_a_back_end_that_upgrades_unasked_is_a_bad_one(self):
        def upgrading(request):
            request.write(101, "Upgrade: websocket", "Connection: Upgrade")

        self.assertEqual(ask(self.one(upgrading), "GET", "/").status, 502)

    def test_a_step_is_counted_where_one_is_to_be(self):
        address = self.one()
        for method, given, seen in [
            ("OPTIONS", "0", None),
            ("OPTIONS", "1", ["0"]),
            ("OPTIONS", "10", ["9"]),
            ("OPTIONS", "many", ["many"]),
            ("GET", "0", ["0"]),
        ]:
            with self.subTest(method=method, given=given):
                self.behind.seen.clear()
                self.assertEqual(ask(address, method, "/", f"Max-Forwards: {given}".encode()).status, 200)
                self.assertEqual([request.all("max-forwards") for request in self.behind.seen], [seen] if seen else [])

    def test_who_asks_is_written_anew(self):
        address = self.one()
        ask(
            address,
            "GET",
            "/",
            b"X-Forwarded-For: 203.0.113.9",
            b"X-Forwarded-Host: evil.example",
            b"X-Forwarded-Proto: https",
            b"X-Forwarded-Prefix: /evil",
            b"X_Forwarded_For: 203.0.113.9",
            b"X-Real-IP: 203.0.113.9",
            b"Forwarded: for=203.0.113.9;host=evil.example",
            b"Via: 1.0 other",
        )
        told = {name.lower(): value for name, value in self.last.headers.items()}
        self.assertEqual(told["x-forwarded-for"], "127.0.0.1")
        self.assertEqual(told["x-forwarded-host"], told["host"])
        self.assertEqual(told["host"], "%s:%d" % address)
        self.assertEqual(self.last.all("via"), ["1.0 other", "1.1 gateway"])
        self.assertEqual(set(told), {"host", "via", "x-forwarded-for", "x-forwarded-host"})

    def test_answers_without_a_body_have_none(self):
        def answering(request):
            match request.path:
                case "/204":
                    request.write(204, "X-Said: 1")
                case "/304":
                    request.write(304, 'ETag: "1"', "Content-Length: 4000")
                case "/length":
                    request.reply(b"x" * 4000)
                case "/chunked":
                    request.write(200, "Transfer-Encoding: chunked")

        address = self.one(answering)
        # All on one connection, which would be out of step after a body that nobody expected.
        with socket.create_connection(address, timeout=30) as connection:
            for method, path, status in [
                ("GET", "/204", 204),
                ("GET", "/304", 304),
                ("HEAD", "/length", 200),
                ("HEAD", "/chunked", 200),
                ("GET", "/204", 204),
                ("GET", "/length", 200),
            ]:
                connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: site\r\n\r\n".encode())
                response = http.client.HTTPResponse(connection, method=method)
                response.begin()
                answer = Answer(response)
                self.assertEqual((answer.status, len(answer.body)), (status, 4000 if method == "GET" and status == 200 else 0))
                self.assertEqual(the_one(answer.set_cookies, "XRMINT").value, "n1", "whatever the status")
                if (method, path) == ("HEAD", "/length"):
                    self.assertEqual(answer.one("content-length"), "4000")

    def test_trailers_go_no_further(self):
        def trailing(request):
            request.write(200, "Transfer-Encoding: chunked", "Trailer: Set-Cookie, X-After")
            request.wfile.write(b"5\r\nhello\r\n0\r\nSet-Cookie: JSESSIONID=EVIL\r\nX-After: 1\r\n\r\n")

        address = self.one(trailing)
        head = b"POST / HTTP/1.1\r\nHost: site\r\nTE: trailers\r\nConnection: TE, close\r\n"
        body = b"5\r\nhello\r\n0\r\nCookie: JSESSIONID=EVIL\r\nX-After: 1\r\n\r\n"
        announced = b"Transfer-Encoding: chunked\r\nTrailer: Cookie, X-After\r\n\r\n"
        seen = everything(address, head + announced + body).lower()
        self.assertTrue(seen.endswith(b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), seen)
        self.assertNotIn(b"trailer", seen)
        self.assertEqual((self.last.content, self.last.trailers, self.last.all("trailer")), (b"hello", [], []))
        done = self.curl(address)
        self.assertEqual((done.returncode, done.stdout.lower().partition(b"\r\n\r\n")[2]), (0, b"hello"), done)

    def test_bodies_that_are_compressed_for_the_way_are_refused(self):
        def coding(request):
            request.write(200, f"Transfer-Encoding: {request.path[1:].replace('+', ', ')}", "Connection: close")
            request.wfile.write(b"5\r\nhello\r\n0\r\n\r\n")
            request.close_connection = True

        address = self.one(coding)
        head = b"POST /chunked HTTP/1.1\r\nHost: site\r\nConnection: close\r\n"
        for codings, status in [
            ([b"chunked"], 200),
            ([b"CHUNKED"], 200),
            ([b"gzip, chunked"], 501),
            ([b"gzip", b"chunked"], 501),
            ([b"chunked, chunked"], 501),
            ([b"identity, chunked"], 501),
            ([b"gzip"], 400),
            ([b"chunked, gzip"], 400),
        ]:
            with self.subTest(codings=codings):
                self.behind.seen.clear()
                fields = b"".join(b"Transfer-Encoding: %b\r\n" % coding for coding in codings)
                seen = everything(address, head + fields + b"\r\n5\r\nhello\r\n0\r\n\r\n")
                self.assertEqual(statuses_in(seen), [status])
                self.assertEqual([request.content for request in self.behind.seen], [b"hello"] * (status == 200))
        for path, status in [("/chunked", 200), ("/gzip+chunked", 502), ("/gzip", 502), ("/chunked+chunked", 502)]:
            with self.subTest(path=path):
                self.assertEqual(ask(address, "GET", path).status, status)

    def test_one_request_stays_one(self):
        address = self.one(lambda request: request.reply(request.content))
        inner = b"GET /smuggled HTTP/1.1\r\nHost: site\r\n\r\n"
        chunks = b"0\r\n\r\n" + inner
        both = b"Content-Length: %d\r\n" % len(chunks), b"Transfer-Encoding: chunked\r\n"
        for fields, body in [
            (both, chunks),
            (both[::-1], chunks),
            ((b"Content-Length: 5\r\n", b"Content-Length: 6\r\n"), b"hello" + inner),
            ((b"Content-Length: 5, 6\r\n",), b"hello" + inner),
            ((b"Content-Length: +5\r\n",), b"hello" + inner),
            ((b"Content-Length: 5 \r\n", b"Content-Length : 0\r\n"), b"hello" + inner),
            ((b"Transfer-Encoding: chunked, identity\r\n",), chunks),
            ((b"Transfer-Encoding: xchunked\r\n",), chunks),
            ((b"Transfer-Encoding : chunked\r\n",), chunks),
            ((b"Transfer-Encoding:\x0bchunked\r\n", b"Content-Length: 5\r\n"), b"hello" + inner),
            ((b"X: a\r\n Transfer-Encoding: chunked\r\n",), chunks),
            ((b"Transfer-Encoding: chunked\r\n",), b"5;x=\nhello\r\n0\r\n\r\n" + inner),
            ((b"Transfer-Encoding: chunked\r\n",), b"ffffffffffffffff1\r\nhello\r\n0\r\n\r\n" + inner),
        ]:
            with self.subTest(fields=fields):
                self.behind.seen.clear()
                request = b"POST /outer HTTP/1.1\r\nHost: site\r\n" + b"".join(fields) + b"\r\n" + body
                statuses = answers(address, request)
                # Refused, or read by both sides in the same way: as many answers as the back end saw requests, and of what it
                # saw one field alone says how long it is.
                paths = [seen.path for seen in self.behind.seen]
                self.assertEqual(len([status for status in statuses if status == 200]), len(paths))
                self.assertTrue(set(statuses) <= {200, 400}, statuses)
                for seen in self.behind.seen:
                    self.assertLessEqual(len(seen.all("content-length") + seen.all("transfer-encoding")), 1)
                    self.assertNotIn(b"smuggled", seen.content)
                if fields in [both, both[::-1]]:
                    self.assertEqual(paths, ["/outer"], "RFC 9112 section 6.1: the connection ends after it")

    def test_it_goes_on_after_a_request_that_was_refused(self):
        address = self.one()
        self.assertEqual(answers(address, b"GET / HTTP/1.1\r\nHost: site\r\nContent-Length: x\r\n\r\n"), [400])
        self.assertEqual(ask(address, "GET", "/").status, 200)

    def test_large_headers_pass_and_larger_ones_do_not(self):
        address = self.one()
        self.assertEqual(ask(address, "GET", "/", cookie("a=" + "x" * 48 * 1024)).status, 200)
        self.assertEqual([len(pair) for pair in self.last.cookies], [48 * 1024 + 2])
        before = len(self.behind.seen)
        self.assertEqual(ask(address, "GET", "/", cookie("a=" + "x" * 80 * 1024)).status, 431)
        self.assertEqual(len(self.behind.seen), before)

    def test_a_request_names_one_host(self):
        address = self.one()
        for head, status, host in [
            (b"GET / HTTP/1.1\r\nHost: site\r\n", 200, "site"),
            (b"GET http://site:81/a HTTP/1.1\r\nHost: other\r\n", 200, "site:81"),
            (b"GET / HTTP/1.1\r\n", 400, None),
            (b"GET / HTTP/1.1\r\nHost:\r\n", 400, None),
            (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n", 400, None),
            (b"GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n", 400, None),
            (b"GET / HTTP/1.1\r\nHost: user@site\r\n", 400, None),
            (b"GET / HTTP/1.1\r\nHost: a b\r\n", 400, None),
            (b"GET / HTTP/1.0\r\nHost: site\r\n", 200, "site"),
            (b"OPTIONS * HTTP/1.1\r\nHost: site\r\n", 400, None),
            (b"CONNECT site:443 HTTP/1.1\r\nHost: site:443\r\n", 501, None),
            (b"TRACE / HTTP/1.1\r\nHost: site\r\nCookie: a=1\r\n", 501, None),
        ]:
            with self.subTest(head=head):
                self.behind.seen.clear()
                self.assertEqual(talk(address, head + b"\r\n").status, status)
                self.assertEqual([seen.all("host") for seen in self.behind.seen], [[host]] if host else [])

    def test_redirects_stay_as_they_are(self):
        def redirecting(request):
            request.reply(b"", f"Location: http://other.example/in;jsessionid={ID}", status=302)

        answer = ask(self.one(redirecting), "GET", "/")
        self.assertEqual((answer.status, answer.one("location")), (302, f"http://other.example/in;jsessionid={ID}"))

    def test_who_has_to_be_told_to_go_on_is_told(self):
        address = self.one(lambda request: request.reply(request.content))
        with socket.create_connection(address, timeout=30) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: site\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            self.assertIn(b"HTTP/1.1 100", connection.recv(4096))
            connection.sendall(b"hello")
            self.assertIn(b"HTTP/1.1 200", connection.recv(4096))

    def curl(self, address, path="/", *options):
        """By HTTP/2, with the header and the trailers in the output."""
        command = ["curl", "--silent", "--show-error", "--fail", "--http2-prior-knowledge", "--include", *options]
        return subprocess.run([*command, "http://%s:%d%s" % (*address, path)], capture_output=True, timeout=60)

    def test_http_2_passes(self):
        address = self.one(lambda request: request.reply("; ".join(request.cookies).encode()))
        cookies = ["--header", "Cookie: a=1", "--header", "Cookie: XRMINT=n1", "--header", "Cookie: b=2"]
        done = self.curl(address, "/x;jsessionid=1", *cookies)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith(b"HTTP/2 200"), done.stdout)
        self.assertTrue(done.stdout.endswith(b"a=1; b=2"), done.stdout)
        self.assertNotIn(b"set-cookie", done.stdout)
        self.assertEqual((self.last.path, self.last.all("host")), ("/x", ["%s:%d" % address]))
        self.assertEqual(self.last.all("via"), ["2.0 gateway"])


class Failures(Gated):
    def test_one_that_breaks_off_is_not_asked_twice(self):
        def breaking(request):
            request.close_connection = True

        address = self.one(breaking)
        for method, body in [("GET", None), ("POST", b"once")]:
            before = len(self.behind.seen)
            answer = ask(address, method, "/", body=body)
            self.assertEqual((answer.status, answer.set_cookies), (502, []))
            self.assertEqual(len(self.behind.seen), before + 1)

    def test_one_that_speaks_no_http_is_a_bad_one(self):
        def babbling(request):
            request.wfile.write(b"hello\r\n\r\n")
            request.close_connection = True

        self.assertEqual(ask(self.one(babbling), "GET", "/").status, 502)

    def test_one_that_says_nothing_is_waited_for_no_longer_than_that(self):
        def silent(request):
            time.sleep(3)

        address = self.one(silent, ["--timeout", "1"])
        began = time.monotonic()
        self.assertEqual(ask(address, "GET", "/").status, 504)
        self.assertLess(time.monotonic() - began, 3)

    def test_half_a_response_is_not_taken_for_a_whole_one(self):
        def half(request):
            if request.path == "/chunked":
                request.write(200, "Transfer-Encoding: chunked")
                request.wfile.write(b"5\r\nhello\r\n")
            else:
                request.write(200, "Content-Length: 4000")
                request.wfile.write(b"hello")
            request.close_connection = True

        address = self.one(half)
        for path in ["/chunked", "/length"]:
            with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
                ask(address, "GET", path)

    def test_nothing_of_a_cookie_is_logged(self):
        def breaking(request):
            request.wfile.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: JSESSIONID=fromtheserver\r\nbroken\x00\r\n\r\n")
            request.close_connection = True

        address = self.one(breaking)
        self.assertEqual(ask(address, "GET", "/a;jsessionid=inthepath", cookie("JSESSIONID=fromtheclient")).status, 502)
        for value in [b"fromtheserver", b"fromtheclient", b"inthepath"]:
            self.assertNotIn(value, self.front.logged())


class CommandLine(unittest.TestCase):
    def test_what_cannot_be_done_is_said(self):
        for arguments, code, said in [
            ([], 2, "no back end"),
            (["--colour"], 2, "unknown option"),
            (["--backend"], 2, "needs a value"),
            (["--backend", "https://127.0.0.1:1"], 2, "is no back end"),
            (["--backend", "http://127.0.0.1:1/app"], 2, "is no back end"),
            (["--backend", "http://a@127.0.0.1:1"], 2, "is no back end"),
            (["--backend", "a=http://h:1", "--backend", "a=http://h:2"], 2, "have the label"),
            (["--backend", "a|b=http://h:1"], 1, "a label is"),
            (["--backend", "http://h:1", "--listen", "nowhere"], 2, "is no address"),
            (["--backend", "http://h:1", "--timeout", "soon"], 2, "is no whole number"),
            (["--backend", "http://h:1", "--timeout", "0"], 2, '"--timeout" needs at least one second'),
            (["--backend", "http://h:1", "--probe", "0"], 2, '"--probe" needs at least one second'),
            (["--backend", "http://h:1", "--action", "cry"], 2, "there is no action"),
            (["--backend", "http://h:1", "--policy", "/nowhere"], 1, "/nowhere"),
        ]:
            with self.subTest(arguments=arguments):
                done = subprocess.run([GATEWAY, *arguments], capture_output=True, text=True, timeout=30)
                self.assertEqual((done.returncode, done.stdout), (code, ""))
                self.assertIn(said, done.stderr)


if __name__ == "__main__":
    unittest.main()
