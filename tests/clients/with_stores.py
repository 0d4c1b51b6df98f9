"""Runs a command beside a Redis and a PostgreSQL of its own, whose addresses it gets in its environment."""

import contextlib
import os
import subprocess
import sys

from stores import PostgreSQL, Redis


def main(command):
    with contextlib.ExitStack() as servers:
        addresses = {}
        for name, server in [("COOKIE_TEST_REDIS", lambda: Redis(durable=False)), ("COOKIE_TEST_POSTGRES", PostgreSQL)]:
            started = server()
            servers.callback(started.stop)
            addresses[name] = started.url()
        return subprocess.run(command, env={**os.environ, **addresses}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
