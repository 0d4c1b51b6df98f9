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
# A disk that is soon full.
export SMALL_DISK=$FOLDER/small
mkdir "$SERVERS" "$TMPDIR" "$SMALL_DISK"
# PostgreSQL does not run as root, and its own user has to reach its folder.
chmod 711 "$FOLDER" "$TMPDIR"
as_root=()
((EUID == 0)) || as_root=(sudo)

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
    ! mountpoint -q "$SMALL_DISK" || "${as_root[@]}" umount "$SMALL_DISK" || "${as_root[@]}" umount -l "$SMALL_DISK" || true
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
missing=()
has curl || missing+=(curl)
has python3 || missing+=(python3)
has openssl || missing+=(openssl)
has nginx || missing+=(nginx-light)
has haproxy || missing+=(haproxy)
has chromium || missing+=(chromium)
has cc || missing+=(gcc libc6-dev)
has node || missing+=(nodejs)
has npm || missing+=(npm)
has javac || missing+=(default-jdk-headless)
TOMCAT=/usr/share/java/tomcat10-catalina.jar
[[ -e $TOMCAT ]] || missing+=(libtomcat10-java)
has redis-server || missing+=(redis-server)
has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_postgres && has psql || missing+=(postgresql)
if ((EUID != 0)) && ! has sudo; then
    printf 'neither root nor sudo is there, for a small disk and for what is to be installed: %s\n' "${missing[*]:-nothing}" >&2
    exit 1
fi
if ((${#missing[@]})); then
    export DEBIAN_FRONTEND=noninteractive
    keep_services_still
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
    let_services_start
fi
for tool in cargo curl python3 openssl nginx haproxy chromium cc node npm java javac redis-server redis-cli psql; do
    has "$tool" || { printf 'there is no %s\n' "$tool" >&2; exit 1; }
done
[[ -e $TOMCAT ]] || { printf 'there is no %s\n' "$TOMCAT" >&2; exit 1; }
has_postgres || { printf 'there is no PostgreSQL\n' >&2; exit 1; }
"${as_root[@]}" mount -t tmpfs -o "size=32m,mode=700,uid=$EUID" tmpfs "$SMALL_DISK"
PUPPETEER_SKIP_DOWNLOAD=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 \
    npm ci --prefix tests/clients --ignore-scripts --no-audit --no-fund

step "format"
cargo fmt --check

step "lints"
for features in --no-default-features "" --all-features; do
    # shellcheck disable=SC2086 # no features are no argument
    cargo clippy --all-targets $features -- -D warnings
done
for feature in axum toml pages tracing metrics testing sqlite postgres redis; do
    cargo clippy --lib --no-default-features --features "$feature" -- -D warnings
done

step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --all-features

step "examples"
cargo build --examples
executable() {
    cargo build --example "$1" "${@:2}" --message-format=json 2>/dev/null |
        sed -n 's/.*"name":"'"$1"'".*"executable":"\([^"]*\)".*/\1/p'
}
# What newcomers get, and beside it the one with every store.
PLAIN_PORTAL=$FOLDER/portal
cp "$(executable portal)" "$PLAIN_PORTAL"
export PLAIN_PORTAL
PORTAL=$(executable portal --features sqlite,postgres,redis,tracing)
GATEWAY=$(executable gateway)
export PORTAL GATEWAY

step "benches"
cargo bench --no-run --all-features
cargo build --release --locked --manifest-path benches/tower_sessions/Cargo.toml --target-dir "${CARGO_TARGET_DIR:-target}/peer"

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
python3 tests/clients/with_stores.py cargo test --all-features -- --include-ignored
