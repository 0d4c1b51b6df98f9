#!/usr/bin/env bash
# Everything that has to hold, on a Debian machine with Rust: style, lints, documentation, real clients, all tests.
# What is missing is installed with apt. A program that cannot be had is a failure; nothing is skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() { printf '\n=== %s (after %d s)\n' "$*" "$SECONDS"; }

FOLDER=$(mktemp -d)
# Each server that a test starts leaves a file here, named by its process id, and takes it away when it has stopped it.
export SERVERS=$FOLDER/servers
# What tests and browsers put aside goes here too.
export TMPDIR=$FOLDER/tmp
mkdir "$SERVERS" "$TMPDIR"

# Debian starts what it installs; while this file is in place it does not.
POLICY=/usr/sbin/policy-rc.d
keep_services_still() {
    [[ -e $POLICY ]] && return
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$POLICY" >/dev/null
    "${as_root[@]}" chmod +x "$POLICY"
    keeping_still=1
}
let_services_start() {
    [[ -z ${keeping_still:-} ]] && return
    "${as_root[@]}" rm -f "$POLICY"
    keeping_still=
}

clean_up() {
    local code=$? mark
    for mark in "$SERVERS"/*; do
        [[ -e $mark ]] || continue
        printf 'left running: process %s\n' "${mark##*/}" >&2
        kill "${mark##*/}" 2>/dev/null || true
        ((code)) || code=1
    done
    rm -rf "$FOLDER"
    let_services_start
    # Silent when all is well: the last lines are those of the tests.
    ((code == 0)) || printf '\n=== failed with %d (after %d s)\n' "$code" "$SECONDS" >&2
    exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

has() { PATH=$PATH:/usr/sbin command -v "$1" >/dev/null; }

step "tools"
missing=() as_root=()
has curl || missing+=(curl)
has python3 || missing+=(python3)
has openssl || missing+=(openssl)
has nginx || missing+=(nginx-light)
has haproxy || missing+=(haproxy)
has chromium || missing+=(chromium)
has cc || missing+=(gcc libc6-dev)
has node || missing+=(nodejs)
has npm || missing+=(npm)
pg_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }
[[ -n $(pg_bin) ]] || missing+=(postgresql)
has javac || missing+=(default-jdk-headless)
TOMCAT=/usr/share/java/tomcat10-catalina.jar
[[ -e $TOMCAT ]] || missing+=(libtomcat10-java)
if ((${#missing[@]})); then
    if ((EUID != 0)); then
        has sudo || { printf 'missing, and neither root nor sudo is there to install it: %s\n' "${missing[*]}" >&2; exit 1; }
        as_root=(sudo)
    fi
    export DEBIAN_FRONTEND=noninteractive
    keep_services_still
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
    let_services_start
fi
for tool in cargo curl python3 openssl nginx haproxy chromium cc node npm java javac; do
    has "$tool" || { printf 'there is no %s\n' "$tool" >&2; exit 1; }
done
[[ -n $(pg_bin) ]] || { printf 'there is no PostgreSQL\n' >&2; exit 1; }
[[ -e $TOMCAT ]] || { printf 'there is no %s\n' "$TOMCAT" >&2; exit 1; }
PUPPETEER_SKIP_DOWNLOAD=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 \
    npm ci --prefix tests/clients --ignore-scripts --no-audit --no-fund

step "format"
cargo fmt --check

step "lints"
for features in --no-default-features "" --all-features; do
    # shellcheck disable=SC2086 # no features are no argument
    cargo clippy --all-targets $features -- -D warnings
done
for feature in axum toml pages sqlite postgres tracing metrics testing; do
    cargo clippy --lib --no-default-features --features "$feature" -- -D warnings
done

step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --all-features

step "examples"
cargo build --examples
executable() {
    cargo build --example "$1" --message-format=json 2>/dev/null |
        sed -n 's/.*"name":"'"$1"'".*"executable":"\([^"]*\)".*/\1/p'
}
PORTAL=$(executable portal)
GATEWAY=$(executable gateway)
export PORTAL GATEWAY

step "benches"
cargo bench --no-run

export PYTHONDONTWRITEBYTECODE=1
cd tests/clients
for suite in test_*.py; do
    step "outside: ${suite%.py}"
    python3 -m unittest "${suite%.py}"
done
for suite in *.test.mjs; do
    step "outside: $suite"
    node --test "$suite"
done
cd ../..

step "cargo test"
cargo test --all-features

step "PostgreSQL"
# It does not run as root, and then needs another user who may enter the folder.
PG=$(pg_bin) PG_FOLDER=$FOLDER/postgres as_pg=()
mkdir "$PG_FOLDER"
head -c 18 /dev/urandom | base64 | tr '+/' '__' >"$PG_FOLDER/password"
if ((EUID == 0)); then
    chmod a+x "$FOLDER"
    chown -R postgres "$PG_FOLDER"
    as_pg=(runuser -u postgres --)
fi
pg_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(
    cd "$PG_FOLDER"
    "${as_pg[@]}" "$PG/initdb" -D data -A scram-sha-256 --pwfile=password -U shop -E UTF8 --locale=C.UTF-8 >initdb.log
    "${as_pg[@]}" "$PG/pg_ctl" -D data -l server.log -w \
        -o "-c listen_addresses=127.0.0.1 -p $pg_port -c unix_socket_directories='$PG_FOLDER'" start >/dev/null
)
pg_pid=$(head -n 1 "$PG_FOLDER/data/postmaster.pid")
touch "$SERVERS/$pg_pid"
COOKIE_TEST_POSTGRES="postgres://shop:$(<"$PG_FOLDER/password")@127.0.0.1:$pg_port/postgres" \
    cargo test --all-features --test it sql_store -- --include-ignored
(cd "$PG_FOLDER" && "${as_pg[@]}" "$PG/pg_ctl" -D data -m fast -w stop >/dev/null)
rm "$SERVERS/$pg_pid"
