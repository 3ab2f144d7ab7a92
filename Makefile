# `make` lists what there is. Everything that the targets need is installed by `make setup`, which they all call;
# it costs a tenth of a second when nothing is missing.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
PYTHON := .venv/bin/python
UV := $(PYTHON) -m cloudcart.local.uv
SOURCES := manage.py cloudcart catalog cart orders accounts tests
PORT ?= 8000
AWS_PORT ?= 4566
PAYMENTS_PORT ?= 4570
export PORT AWS_PORT PAYMENTS_PORT
# A shop is half a dozen programs, and a test may start one. Where the environment keeps Python from
# storing what it compiled, each of them would compile all of its packages again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup run dev stop reset seed test test-next iam prove prove-stock bundle bench-cold rehearse check format lock clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: ## Install what is missing: the shop's packages and the embedded AWS
	@python=$$(sh cloudcart/local/find-python.sh) && exec "$$python" -m cloudcart.local.install

run: setup ## Run the whole shop on http://127.0.0.1:8000/ until Ctrl-C (PORT=… and AWS_PORT=… choose other ports)
	@exec $(PYTHON) -m cloudcart.local.run

dev: setup ## The same, with Django's debug pages, and the web server starting anew when the code changes
	@DEBUG=1 exec $(PYTHON) -m cloudcart.local.run

stop: setup ## End a shop that runs from this folder in another terminal
	@exec $(PYTHON) -m cloudcart.local.stop

reset: setup ## Empty the shop: the next `make run` starts from the beginning
	@exec $(PYTHON) -m cloudcart.local.reset

seed: setup ## Put the demo products into the shop that runs (twice changes nothing)
	@exec $(PYTHON) manage.py seed

test: setup ## Run all tests
	@exec $(PYTHON) -m pytest -n 2 --dist loadfile $(ARGS)

bundle: setup ## Pack both functions as they are deployed, into .local/bundle
	@exec $(PYTHON) -m cloudcart.local.cold_start.bundle

bench-cold: setup ## Measure cold starts of the packed shop, beside a bare Django packed the same way
	@exec $(PYTHON) -m cloudcart.local.cold_start

rehearse: setup ## Deploy everything to a fresh embedded AWS with Zappa, buy in it, update, roll back, undeploy
	@exec $(PYTHON) -m cloudcart.local.rehearsal

prove: setup ## Kill the shop after every step, and in random interleavings (SEED=… RUNS=… WORKERS=…)
	@exec $(PYTHON) -m tests.prove $(if $(SEED),--seed $(SEED)) $(if $(RUNS),--runs $(RUNS)) $(if $(WORKERS),--workers $(WORKERS)) $(ARGS)

prove-stock: setup ## 100,000 shoppers at once for ten products: not one unit is sold twice (ATTEMPTS=…)
	@exec $(PYTHON) -m tests.prove.stock $(if $(ATTEMPTS),--attempts $(ATTEMPTS)) $(ARGS)

iam: setup ## Run all tests, and write the statements about tables as the roles on AWS would need them
	@rm -rf .local/calls
	@KEEP_CALLS_IN=.local/calls $(PYTHON) -m pytest -n 2 --dist loadfile; \
		$(PYTHON) -m tests.permissions.proposing .local/calls

test-next: setup ## Run the admin's tests with the newest Django (NEXT_PYTHON=… names a newer Python)
	@exec $(PYTHON) -m cloudcart.local.next_django

check: setup ## The gate: format, lint, types, imports, templates of pages and of AWS, lock files
	$(PYTHON) -m ruff format --check $(SOURCES)
	$(PYTHON) -m ruff check $(SOURCES)
	$(PYTHON) -m mypy $(SOURCES)
	.venv/bin/lint-imports
	$(PYTHON) -m djlint --lint --quiet templates
	.venv/bin/cfn-lint cloudcart/aws/*.yaml
	$(UV) lock --check --offline

format: setup ## Format the code and mend what the linter can mend
	$(PYTHON) -m ruff format $(SOURCES)
	$(PYTHON) -m ruff check --fix $(SOURCES)

lock: setup ## Bring the lock files up to date with what pyproject.toml and the .in files ask for
	$(UV) lock
	for name in emulator uv; do \
		$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
			--custom-compile-command "make lock" cloudcart/local/requirements/$$name.in \
			--output-file cloudcart/local/requirements/$$name.txt; \
	done

clean: ## Remove everything that was installed or made, the shop's data too
	rm -rf .venv .local .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
