# The tasks of everyday work, in the environment that CONTRIBUTING.md sets up:
#
#   make fix     format the code, and repair what the linter can
#   make check   lint, layers and types, without running anything
#   make test    run the tests; TESTS=tests/core/cli runs those of one folder
#   make ci      run what CI runs, in fresh environments; this is the last word
#
# Python is taken from .venv where there is one; `make test PYTHON=python3.12` names another.

PYTHON := $(or $(wildcard .venv/bin/python),python3)
# The same as an absolute path, for the steps that change to another folder.
PYTHON_PATH = $(abspath $(shell command -v $(PYTHON)))
TESTS := tests
# The packages as a wheel lays them out. Only there do import-linter and mypy see the rooms
# (docs/decisions/0001); tests and benchmarks lie beside them, as users of the packages.
LAYOUT := build/check
# What is sent to other machines runs in any Python that they may have.
SENT := sweepwright/__init__.py sweepwright/trial.py sweepwright/runner
LINT_IMPORTS := from importlinter.cli import lint_imports_command; lint_imports_command()

.PHONY: fix check test ci

fix:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

check:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -c "import vermin; vermin.main()" --quiet --target=3.8- --no-tips --violations $(SENT)
	rm -rf $(LAYOUT) && mkdir -p $(LAYOUT)
	cp -R sweepwright run.py tests benchmarks pyproject.toml $(LAYOUT)
	cp -R core plugins conf trials $(LAYOUT)/sweepwright
	cd $(LAYOUT) && $(PYTHON_PATH) -c "$(LINT_IMPORTS)" --no-cache --no-logo
	cd $(LAYOUT) && $(PYTHON_PATH) -m mypy --config-file $(CURDIR)/pyproject.toml \
	  --cache-dir $(CURDIR)/.mypy_cache/layout .

test:
	$(PYTHON) -m pytest -n 2 $(TESTS)

ci:
	.ci/run
