"""HTTP over a plain socket: every byte of a request is the test's own, every header line of the answer is seen."""

import http.client
import json
import socket
import urllib.parse

FORM = b"Content-Type: application/x-www-form-urlencoded"


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = [(name.lower(), value) for name, value in response.getheaders()]
        self.body = response.read()

    def all(self, name):
        return [value for known, value in self.headers if known == name]

    def one(self, name):
        values = self.all(name)
        assert len(values) == 1, f"{name}: {values}"
        return values[0]

    @property
    def set_cookies(self):
        return self.all("set-cookie")

    @property
    def json(self):
        return json.loads(self.body)


def ask(address, method, path, *headers, body=None):
    """One request on a connection of its own. Headers are whole lines, as bytes."""
    lines = [f"{method} {path} HTTP/1.1".encode(), b"Host: %s:%d" % (address[0].encode(), address[1])]
    lines += [b"Connection: close", *headers]
    if body is not None:
        lines.append(b"Content-Length: %d" % len(body))
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + (body or b""))
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        return Answer(response)


def get(address, path, cookies=None):
    return ask(address, "GET", path, *([b"Cookie: " + cookies] if cookies else []))


def post_form(address, path, fields, cookies=None):
    body = urllib.parse.urlencode(fields).encode()
    return ask(address, "POST", path, FORM, *([b"Cookie: " + cookies] if cookies else []), body=body)
