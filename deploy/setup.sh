#!/usr/bin/env bash
# Installs what building and testing Sekisho need on Debian 12, and only what is missing.
#
#   deploy/setup.sh build    to build and run
#   deploy/setup.sh package  the same, and what makes packages of it
#   deploy/setup.sh test     all of that, and the tools that the tests call
#   deploy/setup.sh bench    what building needs, the programs that `make bench` compares with, and its load generator
#
# The AWS clients of the tests go into a Python environment, .build/clients, as new as there are. Remove that directory to
# have newer ones.
# It looks before it installs: with nothing missing it is quick, silent, needs no network and no root.
set -euo pipefail

readonly oldest_swift=6.2

fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

# Fails unless `swift` is there and is new enough. Swift is not a Debian package, so it is not installed from here.
check_swift() {
    local found
    command -v swift >/dev/null ||
        fail "'swift' is not in the PATH." \
            "Install Swift $oldest_swift or newer (https://www.swift.org/install/linux/), then run this again."
    found=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1) || true
    [[ -n $found ]] ||
        fail "'swift --version' names no version: is $(command -v swift) a complete toolchain?"
    [[ $(printf '%s\n' "$oldest_swift" "$found" | sort -V | head -n 1) == "$oldest_swift" ]] ||
        fail "Swift $found is too old: the package needs $oldest_swift or newer." \
            "Install one (https://www.swift.org/install/linux/) or put it first in the PATH, then run this again."
}

missing=()

# need PACKAGE COMMAND...: PACKAGE is missing unless COMMAND succeeds.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

# Runs a command as root.
as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo "$@"
    fi
}

# Installs packages; asks nothing, and starts no service that one of them might bring along.
install_packages() {
    command -v apt-get >/dev/null ||
        fail "missing: $*" "There is no apt-get here: install them by the means of this system, then run this again."
    ((EUID == 0)) || command -v sudo >/dev/null ||
        fail "missing: $*" "Installing them takes root, and there is no sudo. As root run: apt-get install $*"

    printf 'setup: installing %s\n' "$*" >&2
    local policy=/usr/sbin/policy-rc.d # exit status 101 forbids a package to start its service (invoke-rc.d(8))
    if [[ ! -e $policy ]]; then
        # shellcheck disable=SC2064 # the path of today is meant
        trap "as_root rm -f $policy" EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    local apt_get=(env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get --quiet --quiet)
    as_root "${apt_get[@]}" update </dev/null >&2 ||
        fail "apt-get update failed; is there a network?"
    as_root "${apt_get[@]}" install --yes --no-install-recommends "$@" </dev/null >&2 ||
        fail "apt-get could not install: $*"
}

# The AWS clients that drive the API in the tests, and the checkers of templates, manifests and bills of materials.
readonly clients=(
    awscli boto3 'moto[s3,server]' cfn-lint kubernetes-validate 'cyclonedx-python-lib[json-validation]'
)
clients_directory=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.build/clients
readonly clients_directory

# True if the environment was completed with exactly these requirements, and its Python is still there.
has_clients() {
    [[ -x $clients_directory/bin/python3 ]] &&
        [[ $(cat "$clients_directory/requirements" 2>/dev/null) == "${clients[*]}" ]]
}

# Makes the environment anew. The list of requirements is written last: without it the environment is incomplete.
install_clients() {
    printf 'setup: installing %s in .build/clients\n' "${clients[*]}" >&2
    python3 -m venv --clear "$clients_directory" >&2 ||
        fail "python3 can't make an environment in $clients_directory"
    "$clients_directory/bin/python3" -m pip install --quiet --disable-pip-version-check --upgrade "${clients[@]}" >&2 ||
        fail "pip could not install: ${clients[*]}; is there a network?"
    printf '%s\n' "${clients[*]}" >"$clients_directory/requirements"
}

case ${1-} in
    build | package | test | bench) ;;
    *) fail "usage: deploy/setup.sh build|package|test|bench" ;;
esac

check_swift
need make command -v make
need pkg-config command -v pkg-config
need libldns-dev pkg-config --exists ldns
need libidn2-dev pkg-config --exists libidn2
need zlib1g-dev pkg-config --exists zlib
need libsqlite3-dev pkg-config --exists sqlite3
need libcurl4-openssl-dev pkg-config --exists libcurl
need libssl-dev pkg-config --atleast-version=3 openssl
if [[ $1 == package || $1 == test ]]; then
    need dpkg-dev command -v dpkg-shlibdeps # the libraries that a package depends on
    need binutils command -v strip
    need python3 command -v python3 # writes manual pages
fi
if [[ $1 == test ]]; then
    need ldnsutils command -v drill # the client of the scenarios
    need openssl command -v openssl # makes the certificates of the scenarios
    need fstrm-bin command -v fstrm_capture # takes dnstap in the scenarios
    need dnstap-ldns command -v dnstap-ldns # and reads it
    need curl command -v curl       # what the documentation uses
    need zstd command -v zstd       # unpacks the real lists, where they are
    need prometheus command -v prometheus # scrapes a server, and checks metrics and alerts
    need mandoc command -v mandoc # reads manual pages
    need chromium command -v chromium # looks at the live page
    need fonts-dejavu-core dpkg-query --show fonts-dejavu-core
    PATH=$PATH:/usr/sbin:/sbin need iproute2 command -v ip # networks of their own for faults
    need systemd command -v systemd-analyze # judges the units, and runs them in a machine of namespaces
    need debootstrap command -v debootstrap # a Debian without Swift
    need buildah command -v buildah # builds the image
    need crun command -v crun # and runs it
    need docker-compose command -v docker-compose # reads the compose file
    has_clients || need python3-venv python3 -c 'import ensurepip, venv'
fi
if [[ $1 == bench ]]; then
    export PATH=$PATH:/usr/sbin:/sbin
    need gcc command -v gcc
    need python3 command -v python3
    need dnsperf command -v dnsperf
    need unbound command -v unbound
    need dnsdist command -v dnsdist
    need bind9 command -v named
    need pdns-recursor command -v pdns_recursor
    need dnsmasq-base command -v dnsmasq
    need knot-resolver command -v kresd
    need lua-cqueues dpkg-query --show lua-cqueues # without it kresd does not start
fi
if ((${#missing[@]} > 0)); then
    install_packages "${missing[@]}"
fi
if [[ $1 == test ]]; then
    has_clients || install_clients
fi
