# The commands of the project. Each installs what it needs first and does nothing where nothing is missing.

# What Swift links against, and what `lilypad setup` takes from Debian.
PACKAGES = libcmark-gfm-dev libcmark-gfm-extensions-dev zlib1g-dev libbrotli-dev pkg-config python3 python3-venv \
	chromium node-react node-react-dom node-csstype node-prop-types node-react-refresh
BENCH_PACKAGES = nginx-light wrk

CONFIGURATION ?= debug
BIN = .build/$(CONFIGURATION)

.PHONY: test packages help

help:
	@echo "make test     every test"

test: packages
	@Tests/run

packages:
	@Tests/packages $(PACKAGES)
