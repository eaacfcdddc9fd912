PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: example install dev test drills check format lock sbom clean

example: install  ## install, then diagnose the bundled example chat
	$(BIN)/rarescale diagnose examples/chat.jsonl

install: $(BIN)/.installed

dev: $(BIN)/.installed-dev

test: dev  ## install with the development tools, then run the tests, in up to four processes
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal

drills: dev  ## short versions of the load, fault and fuzz drills
	$(BIN)/python -m pytest -m drill

check: dev  ## formatter, linter and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(BIN)/python  ## pin what the service is made of, with hashes
	$(BIN)/pip install --quiet --disable-pip-version-check 'pip-tools>=7.4'
	deploy/make_lock.sh $(abspath $(BIN))/pip-compile
	$(MAKE) sbom

sbom: $(BIN)/python  ## the bill of materials of the lock
	$(BIN)/python deploy/make_sbom.py

clean:
	rm -rf $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "rarescale needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

$(BIN)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(BIN)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(BIN)/.installed
