# Tuning Site: `make help` lists what there is.
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONUNBUFFERED := 1

# The first Python that TensorFlow has a wheel for; a pyenv shim may exist and still not run.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in .venv/bin/python python3 python3.13 python3.12 python3.11 python; do \
	$$name -c '$(SUPPORTED)' >/dev/null 2>&1 && echo $$name && break; done)

.PHONY: help run demo check test test-all install develop static clean python

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: install ## start Tuning Site on this machine (PORT=8000, DATA_DIR=./data)
	@exec .venv/bin/python manage.py serve

demo: install ## an experiment from form to prediction, with nobody watching
	@exec .venv/bin/python manage.py demo

check: develop ## lint, types, borders and the tests that need no server: while working
	@exec .venv/bin/python -m tests.everything check

test: develop ## what must pass before a merge: a real test of everything, once
	@exec .venv/bin/python -m tests.everything gate

test-all: develop ## every test on both databases, cross products and long searches
	@exec .venv/bin/python -m tests.everything all

install: python ## packages and static files, what is missing
	@$(PYTHON) -m experiments.stack.install

develop: python ## install, and what tests and checks need
	@$(PYTHON) -m experiments.stack.install --development

static: python ## copy and build the static files
	@$(PYTHON) -m experiments.stack.install --static

python:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11, 3.12 or 3.13 is needed and was not found. \
	Install one, or name it: make run PYTHON=/path/to/python3.12" >&2; exit 1; }

clean: ## remove what was installed and built
	rm -rf .venv node_modules static/built static/vendor .mypy_cache .ruff_cache .import_linter_cache
