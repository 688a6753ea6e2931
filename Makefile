# Siskin: one command each. `make help` lists them.
SHELL := /bin/bash
.DELETE_ON_ERROR:

PORT ?= 8080
SEED ?= 7
ONLY ?=
# Sizes of the soak: seeds, channels, seconds of each set, random cases of each property.
SEEDS ?= 20
CHANNELS ?= 200
SECONDS ?= 10000
CASES ?= 5000
# Of the soak of the API: examples of each operation, and where they come from.
EXAMPLES ?= 500
API_SEED ?= 20261129
ACT_SEED ?= 20261129
# Of the soak of a gateway: kills, the longest cut in seconds, the random moments.
KILLS ?= 200
STORE_KILLS ?= 300
NOTIFY_KILLS ?= 200
UPLINK_KILLS ?= 100
CUT_MAX_S ?= 600
EDGE_SEED ?= 20261124
# Of the soak of the page: hours of event time, run twenty times as fast.
HOURS ?= 2
VENV := target/venv
SOAK_VENV := target/venv-soak
WEB := dashboards/web
GRAFANA := dashboards/grafana
BIN := target/release/siskin
BUILT := $(CURDIR)/target/release

# What the demo and the tests need beside Rust, Node.js 20 and a C compiler.
DEBIAN_DEMO := mosquitto
DEBIAN_SOAK := python3-venv
DEBIAN_SOAK_EDGE := mosquitto mosquitto-clients
DEBIAN_SOAK_REPORT := fonts-wqy-microhei libreoffice-draw-nogui libreoffice-writer-nogui poppler-utils
DEBIAN_TEST := curl libxml2-utils mosquitto mosquitto-clients mbpoll openssl chromium fonts-wqy-microhei xz-utils python3-venv victoria-metrics
DEBIAN_PICTURES := pngquant

FUZZ_SECONDS ?= 600

.PHONY: help demo test bench soak soak-acts soak-api soak-edge soak-notify soak-page soak-report soak-store soak-uplink fuzz screenshots web check lint fmt debian-demo debian-pictures debian-soak debian-soak-edge debian-soak-report debian-test
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

demo: debian-demo web ## build the page and the release binary, watch a simulated park on PORT
	cargo build --release --locked --package siskin
	@echo "==> siskin demo on http://127.0.0.1:$(PORT)/"
	@exec $(BIN) demo --port $(PORT) --seed $(SEED)

test: debian-test web $(VENV)/ready $(GRAFANA)/node_modules/ready ## format, clippy, page, all Rust tests, end-to-end tests
	tests/run-all.sh

bench: ## all benchmarks, or one area: make bench ONLY=engine|store|live|intake|alarms|workbench|bus|edge|notify (HOURS of backlog)
	tests/bench.sh "$(ONLY)"

soak: debian-soak $(SOAK_VENV)/ready ## hours of readings in four forms against the oracle: SEEDS CHANNELS SECONDS CASES
	PROPTEST_CASES=$(CASES) cargo test --release --locked --package siskin-engine --test plain --test forms
	cargo build --release --locked --package siskin
	$(SOAK_VENV)/bin/python -B tests/soak/soak.py --binary $(BIN) --seeds $(SEEDS) --channels $(CHANNELS) --seconds $(SECONDS)

soak-api: debian-soak $(VENV)/ready ## the API held against its own document by schemathesis: EXAMPLES API_SEED
	API_EXAMPLES=$(EXAMPLES) API_SEED=$(API_SEED) \
		cargo test --locked --package e2e --test api_document -- --nocapture

soak-acts: debian-soak-edge $(VENV)/ready ## a station killed with kill -9 while people act: KILLS ACT_SEED
	cargo build --release --locked --package siskin
	SISKIN_BIN=$(BUILT)/siskin SISKIN_KILLS=$(KILLS) SISKIN_SEED=$(ACT_SEED) \
		cargo test --locked --package e2e --test acts_killed -- --nocapture

soak-store: ## the series store killed with kill -9 at STORE_KILLS random points, and its random cases: CASES
	SISKIN_KILLS=$(STORE_KILLS) cargo test --locked --package siskin-store --test kill -- --nocapture
	PROPTEST_CASES=$(CASES) cargo test --release --locked --package siskin-store follower

soak-notify: debian-test $(VENV)/ready ## a station killed 200 times between the raise of a warning and its receipt: NOTIFY_KILLS
	cargo build --locked --package siskin
	SISKIN_KILLS=$(NOTIFY_KILLS) cargo test --locked --package e2e --test notify kill_9 -- --nocapture

soak-page: debian-test web tests/browser/node_modules/ready ## the page under load, then hours of readings, warnings and cuts, on an idle machine: HOURS
	cargo build --release --locked --package siskin
	SISKIN_IDLE=1 SISKIN_BIN=$(BUILT)/siskin SISKIN_SOAK_HOURS=$(HOURS) \
		cargo test --locked --package e2e --test page_load -- --nocapture --test-threads 1

soak-uplink: debian-test $(VENV)/ready ## a station killed 100 times between a frame to a bureau and its answer: UPLINK_KILLS ACT_SEED
	cargo build --locked --package siskin
	SISKIN_BIN=$(CURDIR)/target/debug/siskin SISKIN_KILLS=$(UPLINK_KILLS) SISKIN_SEED=$(ACT_SEED) \
		cargo test --locked --package e2e --test uplink killed -- --nocapture

soak-edge: debian-soak-edge ## kills of a gateway and cuts of its line under load: KILLS EDGE_SEED CUT_MAX_S
	cargo build --release --locked --package siskin
	cargo build --release --locked --package siskin-edge
	EDGE_KILLS=$(KILLS) EDGE_ANALYZERS=200 EDGE_KILL_EVERY_MAX_S=14 EDGE_CUT_MAX_S=$(CUT_MAX_S) EDGE_SEED=$(EDGE_SEED) \
		SISKIN_BIN=$(BUILT)/siskin SISKIN_EDGE_BIN=$(BUILT)/siskin-edge \
		cargo test --locked --package e2e --test edge kill_9 -- --nocapture

soak-report: debian-soak-report ## sample reports as DOCX and PDF opened by LibreOffice and drawn as pictures in target/reports
	tests/reports.sh target/reports

fuzz: ## every reader of outside bytes with random ones: FUZZ_SECONDS each, ONLY=hj212|sparkplug|json|registers|link
	tests/fuzz/run.sh $(FUZZ_SECONDS) $(ONLY)

screenshots: debian-test debian-pictures web tests/browser/node_modules/ready ## pictures of every page into target/screenshots, what documents show into docs/screenshots: ONLY
	cargo build --release --locked --package siskin
	node tests/browser/screenshots.mjs $(BIN) target/screenshots $(ONLY)

web: $(WEB)/dist/built ## build the page (dashboards/web/dist)

lint: ## format check and clippy with warnings denied
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

fmt: ## format the Rust sources
	cargo fmt --all

debian-pictures:
	@tests/debian.sh $(DEBIAN_PICTURES)

debian-demo:
	@tests/debian.sh $(DEBIAN_DEMO)

debian-soak:
	@tests/debian.sh $(DEBIAN_SOAK)

debian-soak-edge:
	@tests/debian.sh $(DEBIAN_SOAK_EDGE)

debian-soak-report:
	@tests/debian.sh $(DEBIAN_SOAK_REPORT)

debian-test:
	@tests/debian.sh $(DEBIAN_TEST)

$(WEB)/node_modules/ready: $(WEB)/package.json $(WEB)/package-lock.json
	@echo "==> npm packages of the page"
	cd $(WEB) && npm ci --no-audit --no-fund
	@touch $@

$(GRAFANA)/node_modules/ready: $(GRAFANA)/package.json $(GRAFANA)/package-lock.json
	@echo "==> npm packages that check the Grafana dashboards"
	cd $(GRAFANA) && npm ci --no-audit --no-fund
	@touch $@

$(WEB)/dist/built: $(WEB)/node_modules/ready $(shell find $(WEB)/src $(WEB)/index.html $(WEB)/vite.config.ts $(WEB)/overview-size.config.ts -type f 2>/dev/null)
	@echo "==> the page"
	cd $(WEB) && npm run build
	@touch $@

tests/browser/node_modules/ready: tests/browser/package.json tests/browser/package-lock.json
	@echo "==> npm packages of the browser test"
	cd tests/browser && npm ci --no-audit --no-fund
	@touch $@

$(VENV)/ready: tests/requirements.txt
	@echo "==> Python packages of the tests in $(VENV)"
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

$(SOAK_VENV)/ready: tests/soak/requirements.txt
	@echo "==> Python packages of the soak in $(SOAK_VENV)"
	python3 -m venv $(SOAK_VENV)
	$(SOAK_VENV)/bin/pip install --quiet --disable-pip-version-check -r tests/soak/requirements.txt
	@touch $@
