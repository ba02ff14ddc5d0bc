# Two commands on a fresh clone: `make demo` and `make test`. They need Python 3.11 or later, and make.

PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin

.PHONY: help demo test test-servers language docs references lock clean

help: ## What there is to make
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 22

demo: .venv/ready ## Write the report on an invented mailbox to mailcare-demo/
	@echo "demo: an invented mailbox of twenty weeks, and its owner's report"
	@$(BIN)/mailcare demo --out mailcare-demo

test: .venv/ready ## Check style, types and layers, then run every test
	@echo "test: style (ruff)"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "test: types (mypy)"
	@$(BIN)/mypy
	@echo "test: layers (import-linter)"
	@$(BIN)/lint-imports
	@echo "test: tests (pytest)"
	@$(BIN)/pytest --numprocesses auto --dist loadfile

test-servers: ## Bring what some tests need from the system (Debian and Ubuntu)
	@.ci/servers

language: .venv/ready ## Make or update the catalogue of a language of the pages: make language LANGUAGE=fr
	@$(BIN)/python -m tests.docs.catalogue $(LANGUAGE)

docs: .venv/ready ## Build the documentation as a site in site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet -f .mkdocs.yml
	@echo "docs: the site is in site/; to read it and search in it: $(BIN)/python -m http.server --bind 127.0.0.1 --directory site"

references: .venv/ready ## Write the references in docs/ and the example's accounts anew, from what the program says of itself
	@$(BIN)/python -m tests.docs.references

lock: .venv/ready ## Lock the newest versions that pyproject.toml allows
	$(BIN)/pip-compile --upgrade --quiet --extra dev --build-deps-for editable --generate-hashes --strip-extras \
		--allow-unsafe --no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--output-file requirements.lock pyproject.toml

clean: ## Remove the environment, the caches, the demo and the site
	rm -rf .venv mailcare-demo site .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "mailcare needs Python 3.11 or later with venv (Debian: apt install python3-venv)." >&2; exit 1; }
	@echo "environment: .venv from requirements.lock (about 1.3 GB, once)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
