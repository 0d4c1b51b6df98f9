"""A `Set-Cookie` line taken apart, and what the table has to say about it."""

import email.utils
import re

from wire import get

# Of this policy or any: what the policy adds beside a guarded cookie, and no handler writes.
TRANSACTION = re.compile(r"TS(01[0-9a-f]{6}|[0-9a-f]{8}d)")


class Line:
    def __init__(self, text):
        pair, *attributes = text.split("; ")
        self.name, _, self.value = pair.partition("=")
        self.attributes = {}
        for attribute in attributes:
            name, _, value = attribute.partition("=")
            assert name.lower() not in self.attributes, f"{name} twice: {text}"
            self.attributes[name.lower()] = value

    @property
    def max_age(self):
        seconds = self.attributes.get("max-age")
        return None if seconds is None else int(seconds)

    @property
    def expires(self):
        """Unix seconds."""
        date = self.attributes.get("expires")
        return None if date is None else email.utils.parsedate_to_datetime(date).timestamp()

    @property
    def scope(self):
        """In the words of the declaration's JSON."""
        return {
            "path": self.attributes.get("path"),
            "domain": self.attributes.get("domain"),
            "same_site": self.attributes.get("samesite"),
            "secure": "secure" in self.attributes,
            "http_only": "httponly" in self.attributes,
        }


def lines(texts):
    return [Line(text) for text in texts]


def without_transaction(texts):
    """The lines of cookies that handlers know."""
    return [line for line in lines(texts) if not TRANSACTION.fullmatch(line.name)]


def the_one(texts, name):
    found = [line for line in lines(texts) if line.name == name]
    assert len(found) == 1, f"{len(found)} lines set {name}"
    return found[0]


def declared(address, name):
    """The row of `/cookies.json`."""
    rows = [row for row in get(address, "/cookies.json").json["cookies"] if row["name"] == name]
    assert len(rows) == 1, f"{len(rows)} rows declare {name}"
    return rows[0]
