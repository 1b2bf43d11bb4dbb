# Two commands: `make run` and `make test`. Both do all the set-up on a machine with Python ≥ 3.11 (with venv), git and make.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PORT ?= 8000

.PHONY: install run test test-unit test-server lint lock clean

install: $(VENV)/.run-ready $(if $(wildcard web/package.json),web/dist/.ready)

run: install
	@exec $(BIN)/linli run

$(VENV)/.bootstrapped: requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Linli needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "Python's venv is missing: install it with apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

# uv ignores pip's configuration: where somebody has set a mirror there, pip itself does the work.
define sync
	@if $(BIN)/python -m pip config list | grep -q 'index-url' && ! $(BIN)/python -m pip config list | grep -q 'extra-index-url'; then \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); \
	else \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1); \
	fi
endef

$(VENV)/.run-ready: $(VENV)/.bootstrapped requirements/run.txt
	$(call sync,requirements/run.txt)
	@$(BIN)/python -c 'import pathlib, site; pathlib.Path(site.getsitepackages()[0], "linli.pth").write_text(str(pathlib.Path.cwd()) + "\n")'
	@printf '#!/bin/sh\nexec "%s/$(BIN)/python" -m server.cli "$$@"\n' "$(CURDIR)" > $(BIN)/linli && chmod +x $(BIN)/linli
	@touch $@

$(VENV)/.test-ready: $(VENV)/.run-ready requirements/test.txt
	$(call sync,requirements/test.txt)
	@touch $@

test: $(VENV)/.test-ready lint
	$(BIN)/python -m pytest tests/unit tests/dispatch tests/architecture
	$(BIN)/python -m pytest tests/server --db=sqlite
	$(BIN)/python -m pytest tests/server --db=postgres

test-unit: $(VENV)/.test-ready
	$(BIN)/python -m pytest tests/unit

lint: $(VENV)/.test-ready
	$(BIN)/ruff check .
	$(BIN)/mypy server dispatch seeds
	$(BIN)/lint-imports

lock:
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --group test -o requirements/test.txt

clean:
	rm -rf $(VENV) web/node_modules web/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
