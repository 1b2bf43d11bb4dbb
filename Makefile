# Two commands: `make run` and `make test`. Both do all the set-up on a machine with Python ≥ 3.11 (with venv), git and make.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PORT ?= 8000
# LAN=1: phones on the same network come in over HTTPS.
export LAN ?= 0
# Node of the machine if it is new enough; else the one that a Python wheel brings into the virtual environment.
export PATH := $(CURDIR)/$(BIN):$(PATH)
NODE_IS_NEW := node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null
WEB_SOURCES := $(shell find web/src web/build web/public -type f) $(wildcard web/*.json web/*.ts web/*.js web/*.html)

.PHONY: install run test test-unit test-sqlite test-postgres test-dispatch test-web test-city test-browser screenshots lint client lock clean bench-isolation bench-market

install: $(VENV)/.search-ready web/dist/.ready

run: install
	@exec $(BIN)/linli run

$(VENV)/.bootstrapped: requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Linli needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "Python's venv is missing: install it with apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

# uv ignores pip's configuration: where somebody has set a mirror there, pip itself does the work. Packages are compiled
# here, once: else each process of the first start does it, and each process for ever where Python may write nothing.
sync = if $(BIN)/python -m pip config list | grep -q 'index-url' && ! $(BIN)/python -m pip config list | grep -q 'extra-index-url'; then \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); \
	else $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1); fi; \
	$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null || true

$(VENV)/.run-ready: $(VENV)/.bootstrapped requirements/run.txt
	@$(call sync,requirements/run.txt)
	@$(BIN)/python -c 'import pathlib, site; pathlib.Path(site.getsitepackages()[0], "linli.pth").write_text(str(pathlib.Path.cwd()) + "\n")'
	@printf '#!/bin/sh\nexec "%s/$(BIN)/python" -m server.cli "$$@"\n' "$(CURDIR)" > $(BIN)/linli && chmod +x $(BIN)/linli
	@touch $@

# The dispatcher's search is compiled once, here and not while a wave waits.
$(VENV)/.search-ready: $(VENV)/.run-ready dispatch/engines/sisr/kernel.py
	@$(BIN)/python -m dispatch.warm
	@touch $@

$(VENV)/.test-ready: $(VENV)/.search-ready requirements/test.txt
	@$(call sync,requirements/test.txt)
	@touch $@

$(VENV)/.node-ready: $(VENV)/.bootstrapped requirements/node.txt
	@if ! $(NODE_IS_NEW); then echo "No Node 20.19 or newer here: taking one from a Python wheel."; $(call sync,requirements/node.txt); fi
	@touch $@

web/node_modules/.ready: web/package.json web/package-lock.json web/.npmrc $(VENV)/.node-ready
	@cd web && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

web/dist/.ready: web/node_modules/.ready $(WEB_SOURCES)
	@cd web && npm run --silent build -- --logLevel=warn
	@touch $@

test: $(VENV)/.test-ready lint test-web
	$(BIN)/python -m pytest tests/unit tests/architecture
	$(MAKE) --jobs=2 --output-sync=target test-postgres test-sqlite test-dispatch
	$(BIN)/python -m pytest tests/torture
	$(MAKE) test-city
	$(MAKE) test-browser

# These three do not mind each other: two at a time, on two cores.
test-postgres test-sqlite: test-%: $(VENV)/.test-ready
	$(BIN)/python -m pytest tests/server --db=$*

test-dispatch: $(VENV)/.test-ready
	$(BIN)/python -m pytest tests/dispatch

test-unit: $(VENV)/.test-ready
	$(BIN)/python -m pytest tests/unit

# Types, unit tests, and whether the generated client is that of the API as it is now.
test-web: $(VENV)/.test-ready web/dist/.ready
	cd web && npm run --silent check && npm run --silent test
	$(BIN)/linli write-openapi $(VENV)/openapi.json
	cd web && npm run --silent generate -- ../$(VENV)/openapi.json -o ../$(VENV)/api.ts >/dev/null
	@cmp $(VENV)/api.ts web/src/generated/api.ts || { echo "The generated client is stale: run make client"; exit 1; }

# A town on PostgreSQL, Valkey and several web processes, with faults.
test-city: $(VENV)/.test-ready
	$(BIN)/python -m pytest tests/city

test-browser: $(VENV)/.test-ready web/dist/.ready $(VENV)/.browser-ready
	$(BIN)/python -m pytest tests/browser

# Every page at 360×800 and 1280×800, in both languages, elder mode and the dark, into screenshots/.
screenshots: $(VENV)/.test-ready web/dist/.ready $(VENV)/.browser-ready
	$(BIN)/python -m tests.browser.screenshots

# A whole compound in isolation: pages and gate, in figures.
bench-isolation: install
	$(BIN)/python -m bench isolation --write docs/benchmarks-server.md

# Search among 10,000 products, and one hot product that four processes fight for on PostgreSQL.
bench-market: install $(VENV)/.test-ready
	$(BIN)/python -m bench market --write docs/benchmarks-server.md

client: $(VENV)/.run-ready web/node_modules/.ready
	$(BIN)/linli write-openapi $(VENV)/openapi.json
	cd web && npm run --silent generate -- ../$(VENV)/openapi.json -o src/generated/api.ts

# Chromium and Chinese fonts come from the system's packages, where we may install any.
$(VENV)/.browser-ready:
	@if ! command -v chromium >/dev/null || ! fc-list :lang=zh 2>/dev/null | grep -q .; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk >/dev/null; \
	  else echo "Chromium and Chinese fonts are missing and may not be installed here: apt-get install chromium fontconfig fonts-noto-cjk"; fi; \
	fi
	@if command -v chromium >/dev/null; then touch $@; fi

lint: $(VENV)/.test-ready
	$(BIN)/ruff check .
	$(BIN)/mypy server dispatch seeds bench
	$(BIN)/lint-imports

lock:
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --extra city --group test -o requirements/test.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --extra city -o requirements/city.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --group node -o requirements/node.txt

clean:
	rm -rf $(VENV) web/node_modules web/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
