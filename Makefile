# Tuning Site. `make run` starts it, `make test` tests it, `make demo` shows it.
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONUNBUFFERED := 1

# The first Python that TensorFlow has a wheel for; a pyenv shim may exist and still not run.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in .venv/bin/python python3 python3.13 python3.12 python3.11 python; do \
	$$name -c '$(SUPPORTED)' >/dev/null 2>&1 && echo $$name && break; done)

.PHONY: help run test demo install develop static check clean

help:
	@echo "make run    start Tuning Site on this machine (PORT=8000, DATA_DIR=./data)"
	@echo "make test   every test and check"
	@echo "make demo   an experiment from form to prediction, with nobody watching"

run: install
	@exec .venv/bin/python manage.py serve

demo: install
	@exec .venv/bin/python manage.py demo

test: develop
	@exec .venv/bin/python -m tests.everything

check: develop
	@exec .venv/bin/python -m tests.everything --checks

install: python
	@$(PYTHON) -m experiments.stack.install

develop: python
	@$(PYTHON) -m experiments.stack.install --development

static: python
	@$(PYTHON) -m experiments.stack.install --static

.PHONY: python
python:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11, 3.12 or 3.13 is needed and was not found. \
	Install one, or name it: make run PYTHON=/path/to/python3.12" >&2; exit 1; }

clean:
	rm -rf .venv node_modules static/built static/vendor .mypy_cache .ruff_cache .import_linter_cache
