# The commands of the project. Each installs what it needs first and does nothing where nothing is missing.

# What Swift links against, and what `lilypad setup` takes from Debian.
PACKAGES = libcmark-gfm-dev libcmark-gfm-extensions-dev zlib1g-dev libbrotli-dev libsqlite3-dev pkg-config python3 python3-venv \
	chromium node-react node-csstype node-react-refresh nginx-light
BENCH_PACKAGES = wrk nodejs redis-server curl varnish nghttp2-client openssl

CONFIGURATION ?= debug
BIN = .build/$(CONFIGURATION)

.PHONY: dev test fuzz build dashboard bench lint format setup packages bench-packages tools help

help:
	@echo "make dev      the site at http://127.0.0.1:8787, rebuilt as you edit"
	@echo "make test     every test"
	@echo "make fuzz     every parser of ours against damaged input, for longer than make test does"
	@echo "make build    the release bundle in dist/"
	@echo "make dashboard  the pages of the emulator's dashboard, beside the programs"
	@echo "make bench    benchmarks, side by side with their peers"
	@echo "make lint     checks that need no run; make format rewrites the sources"

dev: setup dashboard
	@$(BIN)/lilypad dev

test: tools
	@$(BIN)/lilypad setup --clients
	@Tests/run

fuzz: setup
	@Tests/Fuzz/run

build: packages
	@swift build -c release --product lilypad
	@.build/release/lilypad setup
	@.build/release/lilypad build
	@$(MAKE) --no-print-directory dashboard CONFIGURATION=release

# The pages of the emulator's dashboard, which lilypad-edge finds beside itself.
dashboard:
	@$(BIN)/lilypad build --site site/dashboard --out $(BIN)/dashboard >/dev/null

bench: bench-packages
	@Tests/Bench/run

lint: setup
	@swift format lint --strict --recursive --parallel Sources Tests edge Package.swift
	@$(BIN)/lilypad check --strict
	@cd site && ../.toolchain/bin/bun check --no-pretty && ../.toolchain/bin/bun fmt --check && \
		../.toolchain/bin/oxlint --deny-warnings
	@cd site/dashboard && ../../.toolchain/bin/bun check --no-pretty

format: setup
	@swift format --in-place --recursive --parallel Sources Tests edge Package.swift
	@cd site && ../.toolchain/bin/bun fmt

setup: tools
	@$(BIN)/lilypad setup

tools: packages
	@swift build -c $(CONFIGURATION)

packages:
	@Tests/packages $(PACKAGES)

bench-packages:
	@Tests/packages $(PACKAGES) $(BENCH_PACKAGES)
