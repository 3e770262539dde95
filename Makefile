# Everything a developer or a first-time user does. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
PYTHON := $(VENV)/bin/python
UV := $(VENV)/bin/uv
UV_VERSION := 0.13.8
# NLTK refuses hard-linked files
export UV_LINK_MODE := copy

.PHONY: help setup setup-dev run test lint format typecheck test-without-airflow bench docs lock clean

help: ## list what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  \033[1m%-22s\033[0m %s\n", $$1, $$2}'
	@echo
	@echo "  make run ONCE=1                        the sample season through a real Airflow, then stop"
	@echo "  make run SOURCES=recorded RECORDINGS=  the same from recorded answers"
	@echo "  make run SOURCES=live                  from the real sites"
	@echo "  make run ONLY=football_data            one source"

setup: $(VENV)/.runtime $(VENV)/.dbt ## make .venv with Airflow, the engine's libraries, dbt and the launcher `fieldhouse`

setup-dev: $(VENV)/.dev $(VENV)/.dbt ## the same, and what lint and tests need

$(UV):
	@echo "making $(VENV)"
	@python3 -c 'import sys; sys.exit("Fieldhouse needs Python 3.11 or newer; python3 is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@python3 -m venv $(VENV)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.runtime: requirements.txt | $(UV)
	@echo "installing requirements.txt"
	@$(UV) pip install --quiet --python $(PYTHON) -r requirements.txt
	@install -m 755 local/launcher.sh $(VENV)/bin/fieldhouse
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "installing requirements-dev.txt"
	@$(UV) pip install --quiet --python $(PYTHON) -r requirements-dev.txt
	@touch $@

# dbt and Airflow hold each other's libraries back: it has an environment of its own
$(VENV)/.dbt: requirements-dbt.txt | $(UV)
	@echo "installing requirements-dbt.txt"
	@$(UV) venv --quiet --allow-existing $(VENV)/dbt
	@$(UV) pip install --quiet --python $(VENV)/dbt/bin/python -r requirements-dbt.txt
	@touch $@

run: setup ## the whole way on this machine: Postgres, sample sites, Airflow, every Dag (ONCE=1 SOURCES= RECORDINGS= ONLY=)
	@ONCE="$(ONCE)" SOURCES="$(SOURCES)" RECORDINGS="$(RECORDINGS)" ONLY="$(ONLY)" AS_OF="$(AS_OF)" DATE="$(DATE)" SEED="$(SEED)" \
		$(PYTHON) -m local

test: setup-dev lint test-without-airflow ## lint, types, and every test
	@$(PYTHON) -m pytest -n 2 --dist loadgroup $(addprefix --ignore=,$(ENGINE_TESTS))

lint: setup-dev ## ruff, mypy, sqlfluff, what is shipped, and that docs/ is what the code says
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/sqlfluff lint --processes 2 --disable-progress-bar include/sql
	@$(VENV)/bin/sqlfluff lint --templater jinja --processes 2 --disable-progress-bar include/dbt/models include/dbt/tests
	@$(VENV)/bin/mypy
	@$(MAKE) docs DOCS=$(VENV)/docs
	@for page in $(PAGES); do \
		diff -u docs/$$page $(VENV)/docs/$$page || { echo "docs/$$page is not what the code says: make docs"; exit 1; }; done
	@$(VENV)/bin/hadolint Dockerfile
	@$(VENV)/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yaml
	@$(VENV)/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(VENV)/bin/zizmor --offline --quiet --no-progress .github/workflows

DOCS := docs
PAGES := cli.md dags.md tables.md
docs: setup-dev ## write what is generated from the code: the command line, Dags and tables, in docs/
	@mkdir -p $(DOCS)
	@$(PYTHON) -m typer fieldhouse.cli utils docs --name fieldhouse --title fieldhouse --output $(DOCS)/cli.md >/dev/null
	@$(PYTHON) -m local.reference $(DOCS)

format: setup-dev ## let ruff and sqlfluff write
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/sqlfluff fix --disable-progress-bar include/sql
	@$(VENV)/bin/sqlfluff fix --templater jinja --disable-progress-bar include/dbt/models include/dbt/tests

# The engine knows nothing of Airflow: its tests pass where Airflow is not installed
ENGINE_TESTS := tests/catalog tests/cli tests/engine tests/http tests/lake tests/notebook tests/sources tests/test_events.py tests/test_selectors.py tests/warehouse
test-without-airflow: $(VENV)/.engine ## the engine's tests in an environment without Airflow
	@! $(VENV)/engine/bin/python -c 'import airflow' 2>/dev/null
	@$(VENV)/engine/bin/python -m pytest -n 2 --dist worksteal -m "not airflow" $(ENGINE_TESTS)

$(VENV)/.engine: requirements-engine.txt | $(UV)
	@echo "installing requirements-engine.txt"
	@$(UV) venv --quiet --allow-existing $(VENV)/engine
	@$(UV) pip install --quiet --python $(VENV)/engine/bin/python -r requirements-engine.txt
	@touch $@

bench: setup-dev ## measure, and print the figures (NAMES="load_rate dlt" some of them, WRITE=1 keeps them in benchmarks/)
	@$(PYTHON) -m benchmarks $(NAMES) $(if $(WRITE),--write)

lock: $(UV) ## pin every version anew from requirements*.in
	@$(UV) pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header requirements.in -o requirements.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header requirements-dev.in -o requirements-dev.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header requirements-engine.in -o requirements-engine.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header requirements-dbt.in -o requirements-dbt.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header benchmarks/requirements-dlt.in -o benchmarks/requirements-dlt.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header benchmarks/requirements-ingestify.in -o benchmarks/requirements-ingestify.txt

clean: ## remove everything that is made: .venv, .fieldhouse (lake and databases of `make run`), caches
	@rm -rf $(VENV) .fieldhouse .mypy_cache .ruff_cache .pytest_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
