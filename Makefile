# One command a task. `make help` lists them.

PYTHON ?= python3
DRILLS ?= 20

VENV := .venv
RUN  := $(VENV)/bin/python
PIP  := $(RUN) -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run test drills fuzz bench lint format clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

run: $(VENV)/.run ## install what is needed, make a demo department when there is no store, serve on http://localhost:8501
	@$(RUN) -m dashboard run

test: $(VENV)/.test lint ## lint, types and every test
	$(RUN) -m pytest -n 2 --dist worksteal

drills: $(VENV)/.test ## kill, fill and restore the store; DRILLS=n seeds of each drill
	DRILLS=$(DRILLS) $(RUN) -m pytest -n 2 --dist worksteal -m drill

fuzz: $(VENV)/.test ## every kind of record and address tried as each role from the OpenAPI document, and all properties, with many more examples
	HYPOTHESIS_PROFILE=thorough $(RUN) -m pytest -n 2 --dist worksteal tests/api/test_schemathesis.py tests/test_marts_properties.py tests/test_metrics_properties.py tests/access/test_scope_property.py tests/access/test_metric_scope.py

bench: $(VENV)/.test ## measure speed; prints a table
	$(RUN) -m dashboard bench

lint: $(VENV)/.test ## style and types
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

format: $(VENV)/.test ## format the code and mend what can be mended
	$(RUN) -m ruff format .
	$(RUN) -m ruff check --fix .

clean: ## remove what can be made again; data/local stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# -- set-up: a stamp in .venv is younger than the requirements that were installed -----------------------------------

# Debian's python3 may come without ensurepip; its pip can then fill a bare environment.
$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "SalesDesk needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { \
	    $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(RUN) install --quiet pip; } \
	    || { rm -rf $(VENV); exit 1; }

$(VENV)/.run: requirements.txt | $(VENV)/bin/pip
	@echo "Installing the libraries (once, about a minute) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.test: requirements.txt requirements-test.txt | $(VENV)/bin/pip
	@echo "Installing the libraries and the test tools (once, about a minute) ..."
	@$(PIP) -r requirements-test.txt
	@touch $(VENV)/.run $@
