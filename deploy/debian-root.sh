#!/usr/bin/env bash
# Makes a Debian system in a directory, once: Debian 12 without anything that it can do without, and the package sources of
# this machine. Packages and images are tried in copies of it.
#
#   deploy/debian-root.sh [DIRECTORY]     default: .build/debian-root; prints the directory
#
# With the directory there already it does nothing. It takes root, debootstrap and a network.
set -euo pipefail

readonly release=bookworm
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root=${1:-$repository/.build/debian-root}

fail() {
    printf 'debian-root: %s\n' "$@" >&2
    exit 1
}

# The archives of Debian itself that apt knows here, as lines of sources.list(5).
sources() {
    # shellcheck disable=SC2016 # the names are for apt to fill in
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
        grep -E " $release(-updates|-security)? main$"
}

made_already() {
    [[ -e $root ]] || return 1
    printf '%s\n' "$root"
}

if made_already; then exit; fi
((EUID == 0)) || fail "this takes root"
command -v debootstrap >/dev/null || fail "debootstrap is missing: deploy/setup.sh test installs it"
[[ -n $(sources) ]] || apt-get --quiet --quiet update </dev/null >&2
mirror=$(sources | awk -v release=$release '$3 == release { print $2; exit }')
[[ -n $mirror ]] || fail "apt knows no archive of Debian $release here"

mkdir -p "$(dirname "$root")"
# Who comes at the same time waits for the first one.
exec 8>"$root.lock"
flock 8
if made_already; then exit; fi
partial=$(mktemp --directory "$root.XXXXXX")
trap 'rm -rf --one-file-system "$partial"' EXIT
debootstrap --variant=minbase "$release" "$partial" "$mirror" >"$partial.log" 2>&1 </dev/null ||
    fail "debootstrap failed; its last lines:" "$(tail -n 5 "$partial.log")"
rm "$partial.log"
sources >"$partial/etc/apt/sources.list"
rm -rf "$partial"/var/cache/apt/* "$partial"/var/lib/apt/lists/* "$partial"/var/log/*
chmod 755 "$partial"
mv --no-target-directory "$partial" "$root"
printf '%s\n' "$root"
