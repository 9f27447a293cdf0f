# Everything a machine with Python 3.11 needs: `make run` serves the shop, `make test` proves it.

PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
GRAPHIQL_ASSETS ?= .data/graphiql
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install -c constraints.txt
PLAYGROUND := $(addprefix schema/graphiql/,package.json package-lock.json build.mjs playground.jsx playground.css)

# The packages and the playground come from two registries: fetch both at once.
MAKEFLAGS += --jobs=2

.PHONY: run test bench format playground constraints help
.DELETE_ON_ERROR:

run: $(VENV)/stamp-run playground  ## serve the shop and its worker (PORT=8000, HOST=127.0.0.1)
	@exec $(BIN)/python manage.py run

test: $(VENV)/stamp-dev playground  ## check format, style, types and layers, then run every test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto $(ARGS)

bench: $(VENV)/stamp-run  ## measure speed beside hand-written floors (ARGS=--short takes three minutes, not twenty)
	@exec $(BIN)/python manage.py bench $(ARGS)

format: $(VENV)/stamp-dev  ## rewrite the code as the style wants it
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

playground: $(GRAPHIQL_ASSETS)/manifest.json  ## bundle GraphiQL (needs npm; without it a plain query box is served)

constraints: $(VENV)/stamp-dev  ## pin what is installed now, after a change to pyproject.toml
	$(BIN)/python -m pip freeze --exclude-editable > constraints.txt

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "The shop needs Python 3.11 or newer, and none was found on the PATH." >&2; exit 1; }
	@echo "Creating a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/stamp-run: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing the shop's dependencies ..."
	@$(PIP) -e .
	@touch $@

$(VENV)/stamp-dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing the shop's dependencies and its tools ..."
	@$(PIP) -e '.[dev]'
	@touch $(VENV)/stamp-run $@

# The playground is a courtesy: whatever keeps it from being built must not keep the shop from running.
$(GRAPHIQL_ASSETS)/manifest.json: $(PLAYGROUND)
	@if ! command -v npm >/dev/null; then \
		echo "npm is not installed: the playground will be a plain query box."; \
	elif echo "Building the GraphiQL playground ..." && cd schema/graphiql \
		&& npm ci --silent --fetch-retries=1 --fetch-timeout=30000 >/dev/null 2>&1 \
		&& GRAPHIQL_ASSETS="$(abspath $(GRAPHIQL_ASSETS))" npm run --silent build >/dev/null; then :; \
	else \
		echo "The GraphiQL playground could not be built: it will be a plain query box (npm ci && npm run build in schema/graphiql shows why)."; \
	fi
