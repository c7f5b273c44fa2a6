# `make` alone lists what there is. Arguments for the program: make run ARGS="--listen 127.0.0.1:5353"

.DEFAULT_GOAL := help
.PHONY: help run build test deb release release-check install bench bench-steps bench-lists bench-replay bench-reload bench-logs bench-api faults soak soak-logs soak-kill sanitize fuzz docs lint format clean

# The tests start the program that `run` starts, as it is released; they themselves are built for debugging, so that
# every assertion and bounds check of the libraries is on. A release has Swift's runtime in it, so that it runs where there is
# no Swift.
RELEASE := -c release --static-swift-stdlib
SWIFT_SOURCES := Benchmarks Blocklists Fuzz Sources Tests Package.swift
SHELL_SCRIPTS := deploy/setup.sh deploy/debian-root.sh deploy/install deploy/release deploy/release-check \
	deploy/debian/build deploy/debian/postinst deploy/debian/prerm deploy/debian/postrm deploy/container/collect \
	Benchmarks/compare Benchmarks/server Fuzz/run Tests/disposable Tests/sanitize Tests/Oracles/container_image \
	Tests/Packaging/machine Tests/Scenarios/Systemd/machine.sh .ci/run

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## install what is missing, build, serve on 127.0.0.1:5300
	@.build/release/sekisho serve $(ARGS)

build: ## install what is missing, build the program
	@deploy/setup.sh build
	swift build $(RELEASE) --product sekisho

test: ## install what is missing, build, run every test
	@deploy/setup.sh test
	swift build $(RELEASE) --product sekisho
	swift build --build-tests
	SEKISHO_BINARY=$(CURDIR)/.build/release/sekisho SEKISHO_PYTHON=$(CURDIR)/.build/clients/bin/python3 \
		swift test --skip-build

DIST := dist
deb: build ## build the Debian package, in DIST (dist)
	@deploy/setup.sh package
	deploy/debian/build .build/release/sekisho $(DIST)

release: build ## build all that a release consists of, in DIST: package, archive, bill of materials, notes, checksums
	@deploy/setup.sh package
	deploy/release .build/release/sekisho $(DIST)

release-check: build ## build everything a second time, from nothing, and compare
	@deploy/setup.sh package
	deploy/release-check

install: build ## install on this machine, or under DESTDIR, as the Debian package does
	@deploy/setup.sh package
	deploy/install .build/release/sekisho "$(DESTDIR)/"

DATA := ../shared/data
bench-lists: ## what lists cost: time, memory, look-ups; needs the real lists in DATA (../shared/data)
	@deploy/setup.sh test
	swift build $(RELEASE) --product list-benchmark
	swift build $(RELEASE) --product sekisho
	@data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT && \
		zstd -qdc $(DATA)/merged/blocklist-1m.txt.zst >"$$data/listed" && \
		zstd -qdc $(DATA)/benign/cloudflare-top100k.txt.zst >"$$data/unlisted" && \
		.build/release/list-benchmark "$$data/listed" "$$data/unlisted" && \
		Benchmarks/server "$$data/listed"

bench-replay: ## how many recorded queries a core replays in a second; needs the real lists in DATA
	@deploy/setup.sh test
	swift build $(RELEASE) --product replay-benchmark
	@data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT && \
		zstd -qdc $(DATA)/merged/blocklist-1m.txt.zst >"$$data/listed" && \
		zstd -qdc $(DATA)/benign/cloudflare-top100k.txt.zst >"$$data/unlisted" && \
		.build/release/replay-benchmark "$$data/listed" "$$data/unlisted"

bench-reload: ## how long queries wait while a million names are loaded again; needs the real lists in DATA, and two CPUs
	@deploy/setup.sh bench
	swift build $(RELEASE) --product sekisho
	@data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT && \
		zstd -qdc $(DATA)/merged/blocklist-1m.txt.zst >"$$data/listed" && Benchmarks/reload "$$data/listed"

BENCH := ../shared/bench
PEERS := all
bench: ## compare with other resolvers by the harness in BENCH (../shared/bench); PEERS=none for the limit rows alone
	@Benchmarks/compare $(BENCH) $(PEERS)

bench-steps: ## time the steps of one query, without sockets; allocations are counted and must be 0
	@deploy/setup.sh build
	SEKISHO_BENCHMARKS=1 swift package --scratch-path .build/benchmarks --disable-sandbox benchmark \
		--target DataPlane --no-progress --grouping metric --format markdown

bench-logs: ## how many records a second the query log takes, by format and destination
	@deploy/setup.sh build
	swift build $(RELEASE) --product log-benchmark
	@.build/release/log-benchmark

bench-api: ## after `make test`: time 100,000 domains through UpdateFirewallDomains
	SEKISHO_BENCH_API=1 SEKISHO_BINARY=$(CURDIR)/.build/release/sekisho \
		swift test --skip-build --filter Scenarios.VolumeBenchmark

faults: ## after `make test`: the tests of faults once more, each ten times as long; some of them need root
	SEKISHO_FAULTS=long SEKISHO_BINARY=$(CURDIR)/.build/release/sekisho \
		swift test --skip-build --filter Scenarios.Faults

MINUTES := 30
soak: ## MINUTES (30) at 80 % of the highest load: nothing is lost, memory stays, latencies at the start and at the end
	@deploy/setup.sh build
	swift build $(RELEASE) --product sekisho
	swift build $(RELEASE) --product soak
	.build/release/soak .build/release/sekisho $(MINUTES)

RECORDS := 1000000
soak-logs: ## after `make test`: RECORDS (1000000) queries, as fast as they are answered, into each log destination
	SEKISHO_LOG_RECORDS=$(RECORDS) SEKISHO_BINARY=$(CURDIR)/.build/release/sekisho \
		SEKISHO_PYTHON=$(CURDIR)/.build/clients/bin/python3 \
		swift test --skip-build --filter Scenarios.QueryLogVolumeTests

SANITIZERS := thread address
sanitize: ## the tests, and the program that they start, under ThreadSanitizer and AddressSanitizer
	@deploy/setup.sh test
	@for sanitizer in $(SANITIZERS); do Tests/sanitize $$sanitizer || exit 1; done

COUNT := 1000
soak-kill: ## after `make test`: kill the server COUNT times (1000) while it is written to, and look for losses
	SEKISHO_KILLS=$(COUNT) SEKISHO_BINARY=$(CURDIR)/.build/release/sekisho \
		swift test --skip-build --filter Scenarios.DurabilityTests

SECONDS := 60
fuzz: ## run every fuzzer for SECONDS (60); FUZZ="rpz trie" for some of them
	@deploy/setup.sh build
	@DATA=$(DATA) Fuzz/run $(SECONDS) $(FUZZ)

docs: ## write the tables of Docs and the JSON Schema that are made from the code
	@deploy/setup.sh test
	SEKISHO_WRITE_TABLES=1 swift test --filter 'GeneratedFileTests|FormatTableTests'

lint: ## check the format of the Swift files, and the scripts if shellcheck is installed
	swift format lint --strict --recursive $(SWIFT_SOURCES)
	@if command -v shellcheck >/dev/null; then shellcheck $(SHELL_SCRIPTS); fi

format: ## format the Swift files in place
	swift format format --in-place --recursive $(SWIFT_SOURCES)

clean: ## remove what was built; fetched dependencies stay
	swift package clean
