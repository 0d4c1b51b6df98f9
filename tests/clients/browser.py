"""A browser of the simplest kind, over plain sockets: it sends back what was set and forgets what was deleted."""

from set_cookie import lines
from wire import get, post_form


class Browser:
    def __init__(self, address, **cookies):
        self.address, self.cookies = address, cookies

    def get(self, path):
        return self.take(get(self.address, path, self.header()))

    def post(self, path, fields=()):
        return self.take(post_form(self.address, path, dict(fields), self.header()))

    def sign_in(self, user="anna"):
        answer = self.post("/login", {"user": user, "password": "demo"})
        assert answer.status == 303, answer.status
        return self

    @property
    def user(self):
        return self.get("/whoami").json["user"]

    @property
    def id(self):
        return self.cookies.get("JSESSIONID")

    def captured(self):
        """Somebody else with the same cookies."""
        return Browser(self.address, **self.cookies)

    def header(self):
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items()).encode() or None

    def take(self, answer):
        """Keeps what an answer sets."""
        for line in lines(answer.set_cookies):
            if line.max_age == 0:
                self.cookies.pop(line.name, None)
            else:
                self.cookies[line.name] = line.value
        return answer

