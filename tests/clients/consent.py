"""What tests of consent share: the states that a visitor can be in, and the names that may be set in each."""

from browser import Browser
from wire import ask, get

PAGE = "/cookies/consent"
JSON = b"Accept: application/json"


def state(address, *headers):
    """The visitor's decision, and what is asked for."""
    return ask(address, "GET", PAGE, JSON, *headers).json


def decide(browser, decision, **fields):
    revision = state(browser.address)["revision"]
    answer = browser.post(PAGE, {"decision": decision, "revision": revision, **fields})
    assert answer.status == 303, answer.status
    return answer


def accepting(address):
    browser = Browser(address)
    decide(browser, "accept")
    return browser


class Table:
    """The rows of `/cookies.json`."""

    def __init__(self, address):
        self.rows = get(address, "/cookies.json").json["cookies"]

    def row(self, name):
        for row in self.rows:
            pattern = row["name"]
            names = row.get("names", [pattern])
            if name in names or pattern.endswith("*") and "names" not in row and name.startswith(pattern[:-1]):
                return row
        return None

    def is_optional(self, name):
        return self.row(name)["basis"] == "consent"

    def allows(self, line, granted):
        """Whether a visitor who granted these categories may get this line."""
        row = self.row(line.name)
        is_deletion = (line.max_age, line.value) == (0, "")
        return row is not None and (is_deletion or row["basis"] != "consent" or row["category"] in granted)
