"""The examples that show something by running: they print what their first lines say, and exit as they say."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from server import PORTAL, ROOT

KEYS = bytes(range(32)).hex()


def run(example, *arguments, stdin="", keys=KEYS):
    environment = {name: value for name, value in os.environ.items() if name != "COOKIE_KEYS"}
    if keys is not None:
        environment["COOKIE_KEYS"] = keys
    return subprocess.run(
        [pathlib.Path(PORTAL).parent / example, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )


def blocks(example, language):
    """The blocks of this language in the words at the top."""
    source = (ROOT / "examples" / f"{example}.rs").read_text(encoding="utf-8")
    words = "".join(re.findall(r"^//! ?(.*\n)", source, re.MULTILINE))
    return re.findall(rf"^```{language}\n(.*?)^```$", words, re.MULTILINE | re.DOTALL)


class Shown(unittest.TestCase):
    def shows(self, example):
        (printed,) = blocks(example, "text")
        done = run(example)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, printed, ""))

    def test_a_key_is_retired_without_a_signed_out_user(self):
        self.shows("rotate_keys")

    def test_haste_signs_users_out(self):
        done = run("rotate_keys", "--hasty")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no_transaction", done.stdout)

    def test_a_copied_jar_is_worth_nothing_on_another_device(self):
        self.shows("binding")


class Inspect(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        (document,), (shown,) = blocks("inspect", "toml"), blocks("inspect", "text")
        cls.policy = pathlib.Path(folder.name, "shop.toml")
        cls.policy.write_text(document, encoding="utf-8")
        keys, command, *printed = shown.splitlines(keepends=True)
        assert KEYS in keys
        cls.cookies = re.search("'(Cookie: .*)'", command)[1]
        cls.at = re.search(r"--at (\d+)", command)[1]
        cls.printed = "".join(printed)

    def test_it_prints_what_its_first_lines_say(self):
        options = ["--policy", self.policy, "--at", self.at]
        lines = self.cookies.removeprefix("Cookie: ").replace("; ", "\n")
        for arguments, stdin in [([self.cookies], ""), ([], self.cookies), ([], lines), ([], f"\r\n{lines}\r\n")]:
            done = run("inspect", *options, *arguments, stdin=stdin)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, self.printed, ""))

    def test_no_value_is_printed(self):
        done = run("inspect", self.cookies + "; i18next=klingon; JSESSIONID=19AE8C76404ACD4FC66BBCE3F6FF0705")
        self.assertEqual(done.returncode, 0)
        for value in ["19AE8C76", "klingon", "AfugoaKj", "dark"]:
            self.assertNotIn(value, done.stdout)

    def test_what_cannot_be_done_is_said_and_exits_2(self):
        for arguments, keys, said in [
            (["--colour"], KEYS, "no option"),
            (["a=b", "c=d"], KEYS, "one header at a time"),
            (["--policy"], KEYS, "needs a value"),
            (["--policy", "/nowhere", "a=b"], KEYS, "/nowhere: "),
            (["--at", "noon", "a=b"], KEYS, "noon"),
            ([""], KEYS, "no cookie"),
            (["a=b"], None, "`COOKIE_KEYS` is not set"),
            (["a=b"], "secret", "no hexadecimal digit"),
        ]:
            with self.subTest(arguments=arguments):
                done = run("inspect", *arguments, keys=keys)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertRegex(done.stderr, f"^inspect: .*{re.escape(said)}")
                self.assertEqual(len(done.stderr.splitlines()), 1)


class Options(unittest.TestCase):
    def test_help_is_printed_and_names_every_option(self):
        for option in ["--help", "-h"]:
            done = run("portal", "--node", "web-2", option, keys=None)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        source = (ROOT / "examples" / "portal" / "options.rs").read_text(encoding="utf-8")
        options = set(re.findall(r'^ +"(--[a-z-]+)".* =>', source, re.MULTILINE))
        self.assertGreaterEqual(len(options), 12)
        self.assertEqual(set(re.findall(r"^  (--[a-z-]+)", done.stdout, re.MULTILINE)), options)
        self.assertIn("COOKIE_KEYS", done.stdout)

    def test_the_lines_for_haproxy_take_the_sites_keys(self):
        done = run("portal", "--print-haproxy", keys=None)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertRegex(done.stderr, r"^portal: .*COOKIE_KEYS")
        self.assertEqual(len(done.stderr.splitlines()), 1)
        done = run("portal", "--print-haproxy")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("use-server web-1", done.stdout)

    def test_what_there_is_not_is_said_and_exits_2(self):
        for arguments, said in [
            (["--colour"], "there are: --listen ADDR, "),
            (["--listen"], "needs a value"),
            (["--store", "etcd://x"], '"etcd", only memory, sqlite:PATH, '),
            (["--store", "sqlite:"], "wants a path"),
            (["--store", "sqlite://sessions.db"], "wants a path"),
            (["--store", "memory:x"], "only memory, sqlite:PATH, "),
        ]:
            done = run("portal", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(said, done.stderr)

    def test_a_store_that_was_not_compiled_in_is_said_by_its_feature(self):
        plain = os.environ.get("PLAIN_PORTAL", PORTAL)
        for store, feature in [
            ("sqlite:sessions.db", "sqlite"),
            ("postgres://u:s3cr3t@localhost/db", "postgres"),
            ("postgresql://u:s3cr3t@localhost/db", "postgres"),
            ("redis://:s3cr3t@localhost", "redis"),
            ("rediss://:s3cr3t@localhost", "redis"),
        ]:
            done = run(plain, "--store", store)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(f"`{feature}`", done.stderr)
            self.assertIn(f"--features {feature} ", done.stderr)
            self.assertNotIn("s3cr3t", done.stderr)


if __name__ == "__main__":
    unittest.main()
