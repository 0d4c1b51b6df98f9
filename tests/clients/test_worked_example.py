"""The worked example of docs/transactions.md, recomputed by the two programs that stand beside it."""

import pathlib
import re
import subprocess
import sys
import unittest

CHAPTER = pathlib.Path(__file__).resolve().parents[2] / "docs" / "transactions.md"
# What other implementations said of the same key, transaction and time; the tests beside the formats have them too.
KNOWN = """\
TS017a625a=AfugoaKjpKWmp2sEezA3Jmy4nvecgeklKa2cNHKT
TSfe73894ad=AfugoaKjawR7MCsZnUSRNSfRqBCWQt3R4nQ
theme=dark.AftrBHswbOWusK6DBEV27kRhYU9MeNA1DlM
"""


def blocks(language):
    """The blocks of this language in the section, in order."""
    section = CHAPTER.read_text(encoding="utf-8").split("\n### A worked example\n")[1]
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def run(*command, program):
    return subprocess.run(
        command, input=program, capture_output=True, text=True, check=True, timeout=60
    )


class WorkedExample(unittest.TestCase):
    def test_the_chapter_claims_what_is_known(self):
        self.assertEqual(blocks("text"), [KNOWN])

    def test_openssl_computes_it(self):
        (program,) = blocks("bash")
        done = run("bash", "-euo", "pipefail", "-s", program=program)
        self.assertEqual((done.stdout, done.stderr), (KNOWN, ""))

    def test_python_computes_it(self):
        (program,) = blocks("python")
        done = run(sys.executable, "-I", "-", program=program)
        self.assertEqual((done.stdout, done.stderr), (KNOWN, ""))

    def test_the_program_on_the_library_is_asked_about_the_same(self):
        (program,) = blocks("rust")
        for pair in KNOWN.split():
            self.assertIn(pair, program)


if __name__ == "__main__":
    unittest.main()
