# The words of the project. `make up` runs everything on this machine; `make help` lists the rest.

PYTHON ?= $(shell command -v python3 || command -v python)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PACKAGES := shared auth-service file-service gateway deploy/embedded deploy/backup
PROJECTS := $(PACKAGES:%=%/pyproject.toml)
MANIFESTS := deploy/kubernetes/tests
TESTS := $(PACKAGES:%=%/tests) $(MANIFESTS) deploy/audit/tests tests-e2e
# A temporary folder of its own: PostgreSQL, started by root, needs a way into it that another run of pytest would close.
PYTEST = root=$$(mktemp -d) && trap 'rm -rf "$$root"' EXIT && PYTEST_DEBUG_TEMPROOT="$$root" $(BIN)/python -m pytest
SOURCES := conftest.py $(PACKAGES) $(MANIFESTS) deploy/audit deploy/moving deploy/observability deploy/docker docs tests-e2e

.DEFAULT_GOAL := help
.PHONY: help up backup restore install check format test e2e e2e-compose chaos fuzz audit bench docs lock clean

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

up: $(INSTALLED) ## install if need be, start everything, stay until Ctrl-C
	@exec $(BIN)/python -m strongroom_embedded

backup: $(INSTALLED) ## TO=folder: copy everything there, also while it runs; KEEP=7 keeps only so many
	@$(BIN)/python -m strongroom_backup.one_machine backup "$(TO)" $(KEEP:%=--keep %)

restore: $(INSTALLED) ## FROM=folder: bring the newest copy back, into a STRONGROOM_DATA that is new
	@$(BIN)/python -m strongroom_backup.one_machine restore "$(FROM)" $(SNAPSHOT:%=--snapshot %)

install: $(INSTALLED) ## make .venv, and nothing else

$(INSTALLED): requirements.lock $(PROJECTS)
	@$(if $(PYTHON),,$(error Python 3.11 or newer is needed, and no python3 was found))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another with: make PYTHON=python3.12 …" >&2; exit 1; }
	@echo "Installing into $(VENV) (a minute or so, only the first time and after updates) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "A virtual environment cannot be made; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar on --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation $(PACKAGES:%=-e ./%)
	@touch $@

check: $(INSTALLED) ## format, lint, types, import contracts, manifests
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(foreach tests,$(TESTS),$(BIN)/mypy $(tests) &&) true
	$(BIN)/lint-imports
	$(BIN)/hadolint deploy/docker/Dockerfile
	$(PYTEST) --quiet $(MANIFESTS)

format: $(INSTALLED) ## put the sources into shape
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

test: $(INSTALLED) ## everything that a change must pass
	$(PYTEST) -n $$(($$(nproc) + 1)) --dist loadfile --no-loadscope-reorder -m "not heavy"

e2e: $(INSTALLED) ## whole journeys and heavy proofs; STRONGROOM_URL=… runs them against what runs there
	$(PYTEST) tests-e2e --ignore=tests-e2e/chaos

e2e-compose: $(INSTALLED) ## the same against containers, started for it; INSTALL=1 lets root install Debian's engine
	$(PYTEST) tests-e2e/compose

chaos: $(INSTALLED) ## what breaks at every step, a million files, faults under load and a soak of MINUTES=2
	$(PYTEST) -m heavy $(PACKAGES:%=%/tests) tests-e2e/chaos

fuzz: $(INSTALLED) ## EXAMPLES=20000 of what strangers may send, to each reader of it
	STRONGROOM_FUZZ_EXAMPLES=$(or $(EXAMPLES),20000); export STRONGROOM_FUZZ_EXAMPLES; $(PYTEST) -k "fuzz or whatever" $(PACKAGES:%=%/tests)

audit: $(INSTALLED) ## are locked packages known to be flawed? Exit code 3: not all could be checked
	@$(BIN)/python deploy/audit

bench: $(INSTALLED) ## measure, and print a table of ratios
	$(BIN)/python tests-e2e/bench

docs: $(INSTALLED) ## build the documentation's site into docs/_build/html; warnings are errors
	$(BIN)/sphinx-build --quiet --fresh-env --write-all --jobs auto --fail-on-warning --keep-going --nitpicky docs docs/_build/html

lock: $(INSTALLED) ## resolve requirements.lock anew
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --upgrade \
		--no-emit-package strongroom --all-extras --group dev $(PROJECTS) -o requirements.lock

clean: ## remove .venv and caches; the data in .data stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis docs/_build docs/reference/generated
