# Two commands do all set-up on a machine with python3 (3.11 or newer), make and git:
#   make demo    make test
# Everything else is under `make help`.

PYTHON ?= python3
BIN := .venv/bin
COG := $(BIN)/cog --verbosity=1 -P -I scripts -p "import docs_reference as reference"
PAGES := $(wildcard docs/reference/*.md) README.md
export PYTHON

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test check static format lint types contracts style docs-check docs fix bench bench-peers lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: .venv/.runtime ## .venv with what the lock pins, and the project in it

demo: .venv/.runtime ## a lake with a staffing company in it, and four questions answered
	$(BIN)/lakehouse demo

test: .venv/.dev ## every test (one: make test ARGS='tests/base -k jail')
	$(BIN)/pytest $(ARGS)

check: test static ## everything a change must pass: the tests and `make static`

static: format lint types contracts style docs-check ## all checks but the tests

format: .venv/.dev
	$(BIN)/ruff format --check .

lint: .venv/.dev
	$(BIN)/ruff check .

types: .venv/.dev
	$(BIN)/mypy

contracts: .venv/.dev
	$(BIN)/lint-imports
	$(BIN)/pytest -n 0 tests/test_architecture.py

style: .venv/.dev
	$(BIN)/python scripts/style.py

docs-check: .venv/.dev
	$(COG) --check --diff $(PAGES)

docs: .venv/.dev ## rewrite the generated parts of docs/reference
	$(COG) -r $(PAGES)

fix: .venv/.dev ## format, and repair what ruff can repair
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.runtime ## speed beside bare DuckDB on this machine
	$(BIN)/lakehouse bench $(ARGS)

bench-peers: .venv-peers/.made ## the peers that search is measured beside, in .venv-peers (2 GB)

lock: .venv/.dev ## pin again after a change in pyproject.toml (newer versions: ARGS=--upgrade)
	scripts/lock.sh $(ARGS)

clean: ## remove .venv, caches and build leftovers; lakes stay
	rm -rf .venv .venv-peers .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage build dist
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.runtime: requirements.lock requirements-model.lock requirements-setup.lock pyproject.toml scripts/install.sh
	scripts/install.sh requirements.lock
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock requirements-model.lock
	scripts/install.sh requirements-dev.lock
	@touch $@

.venv-peers/.made: requirements-peers.lock requirements-model.lock scripts/peers.sh
	scripts/peers.sh
	@touch $@
