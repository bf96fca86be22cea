# `make run` and `make test` are all a newcomer needs; `make help` lists the rest.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && { echo $$p; break; }; done)
BIN := .venv/bin
FLASK := $(BIN)/flask --app app

.PHONY: help run test tested bench soak mutate setup setup-dev lint format lock clean

help:            ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/'

run: .venv/run.stamp   ## prepare everything, then web and worker until Ctrl-C
	@exec $(FLASK) serve

test: .venv/dev.stamp  ## lint, and every test on SQLite and PostgreSQL, browser included
	@$(MAKE) --no-print-directory -j 2 lint tested

tested: .venv/dev.stamp
	@$(BIN)/python -m tests.prepare
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

soak: .venv/dev.stamp  ## the long tests: eight workers on an outbox of 5,000 (minutes)
	@QUERY_MGR_TEST_MAILS=5000 $(BIN)/python -m pytest -q -s tests/delivery/test_many_workers.py

bench: .venv/dev.stamp ## ratios against a baseline in the same run
	@$(BIN)/python -m tests.bench

SOAK_EXAMPLES ?= 2500
soak: .venv/dev.stamp  ## the life of queries for so many examples on each database, with what came to pass (an hour)
	@SOAK_EXAMPLES=$(SOAK_EXAMPLES) $(BIN)/python -m pytest -q -s tests/assurance/test_query_life.py

mutate: .venv/dev.stamp ## how many changed rules of the lint its unit tests notice (minutes)
	@$(BIN)/mutmut run ; $(BIN)/python -m tests.mutation_score

setup: .venv/run.stamp ## the environment only

lint: .venv/dev.stamp  ## ruff, mypy strict, import contract, library files
	@$(BIN)/ruff check . && $(BIN)/ruff format --check -q . && $(BIN)/mypy && $(BIN)/lint-imports \
	  && $(BIN)/python -m query_mgr.queries.library

format: .venv/dev.stamp ## let ruff tidy the code
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q .

lock:            ## write the hash-locked requirements again (needs uv)
	@for f in run dev; do uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate requirements/$$f.in -o requirements/$$f.txt; done

clean:           ## forget the environment (never touches instance/)
	@rm -rf .venv

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "query_mgr needs Python 3.11 or newer on the PATH"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "no venv module: apt-get install python3-venv"; rm -rf .venv; exit 1; }

.venv/run.stamp: requirements/run.txt | .venv/bin/python
	@echo "Installing query_mgr into .venv (once) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/run.stamp
	@echo "Installing the test tools into .venv (once) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@
