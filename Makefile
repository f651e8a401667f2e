# The commands of a developer. `make venv` comes by itself where a target needs it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
PROTOS := $(sort $(wildcard protos/veilgate/v1/*.proto))
# Much of the tests is waiting for live gateways, so two processes a core; more than six cost memory.
WORKERS := $(shell n=$$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN || echo 1); echo $$((n < 3 ? 2 * n : 6)))
LOCK_SCRIPT := $(PY) tests/architecture/lock_digest.py
# The first that runs, has the right version and can make an environment; `make PYTHON=... venv` sets another.
PYTHON = $(shell for p in python3.12 python3.11 python3 python; do \
	$$p -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null \
	&& { command -v $$p; break; }; done)

.PHONY: help venv compiled demo sandbox test bench protos protos-baseline schemas docs lock clean
.PHONY: check check-style check-types check-imports check-protos check-schemas check-docs check-lock

help:  ## List the targets.
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

venv: $(READY)  ## Make .venv with the pinned dependencies and this project.

$(READY): requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or 3.12 with venv is needed: none was found. Name one: make venv PYTHON=/path/to/python3.11" >&2; exit 1; fi
	@$(PY) -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(PY) -m pip install --quiet --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# Every command and every gateway is a process of its own: what each would compile again is compiled
# once, also where PYTHONDONTWRITEBYTECODE is set.
compiled: $(READY)
	@$(PY) -m compileall -q -j 0 gateway clients protos tests/support

demo: compiled  ## Run the demo.
	@$(VENV)/bin/veilgate demo

sandbox: compiled  ## Run a whole network with invented people, until Ctrl-C.
	@$(VENV)/bin/veilgate sandbox

test: compiled  ## Run every test; PYTEST_ARGS are passed on.
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

bench: compiled  ## Measure; the figures go to build/bench.json.
	@mkdir -p build
	@PYTHONPATH=tests $(PY) tests/bench/run.py

# $(call generate,folder): the modules of every proto; a proto without a service gets no gRPC module.
define generate
$(PY) -m grpc_tools.protoc -Iprotos --python_out=$(1) --grpc_python_out=$(1) --mypy_out=quiet:$(1) --mypy_grpc_out=quiet:$(1) \
	--plugin=protoc-gen-mypy=$(VENV)/bin/protoc-gen-mypy \
	--plugin=protoc-gen-mypy_grpc=$(VENV)/bin/protoc-gen-mypy_grpc $(PROTOS); \
for proto in $(PROTOS:protos/%.proto=%); do \
	grep -q '^service ' "protos/$$proto.proto" || rm -f $(1)/"$$proto"_pb2_grpc.py $(1)/"$$proto"_pb2_grpc.pyi; \
done
endef

protos: $(READY)  ## Generate the modules of the protos.
	@$(call generate,protos)

protos-baseline: $(READY)  ## Record what was added to the protos; refuses what would break clients.
	@PYTHONPATH=tests $(PY) -m support.proto_compatibility update

schemas: $(READY)  ## Write the JSON Schemas of the policy documents.
	@$(PY) -m gateway.adapters.policy_files.policy_schemas

# $(call tables,folder): the tables of the guides there that are made from the sources.
define tables
$(PY) -m gateway.servicers.error_reference $(1)/integration.md; \
$(PY) -m clients.cli.local.config_reference $(1)/operations.md
endef

docs: $(READY)  ## Write the tables of reasons and settings in the guides.
	@$(call tables,docs)

lock: $(READY)  ## Pin the dependencies of pyproject.toml (needs a package index).
	@$(VENV)/bin/uv pip compile --universal --python-version 3.11 --extra dev --generate-hashes --no-emit-index-url --no-emit-find-links -q -o requirements.lock pyproject.toml
	@$(LOCK_SCRIPT) stamp
	@$(LOCK_SCRIPT) peers | $(VENV)/bin/uv pip compile --universal --python-version 3.11 --constraint requirements.lock --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" -q -o tests/bench/peers.lock -

check: check-style check-types check-imports check-protos check-schemas check-docs check-lock  ## Run the static checks; needs no network.

check-style: $(READY)
	@$(PY) -m ruff check --no-cache .
	@$(PY) -m ruff format --no-cache --check .

check-types: $(READY)
	@$(PY) -m mypy

check-imports: $(READY)
	@$(VENV)/bin/lint-imports --no-cache --no-logo

check-protos: $(READY)
	@out=$$(mktemp -d); trap 'rm -rf "$$out"' EXIT; \
	$(call generate,"$$out"); \
	diff -r -q --exclude='*.proto' --exclude=__pycache__ --exclude=__init__.py "$$out/veilgate" protos/veilgate \
	|| { echo "the generated modules are out of date: make protos" >&2; exit 1; }
	@PYTHONPATH=tests $(PY) -m support.proto_compatibility check

check-schemas: $(READY)
	@$(PY) -m gateway.adapters.policy_files.policy_schemas --check

check-docs: $(READY)
	@out=$$(mktemp -d); trap 'rm -rf "$$out"' EXIT; \
	cp docs/*.md "$$out"; \
	$(call tables,"$$out"); \
	diff -r -q --exclude='*.png' "$$out" docs || { echo "the guides' tables are out of date: make docs" >&2; exit 1; }

check-lock: $(READY)
	@$(LOCK_SCRIPT) check

clean:  ## Remove what was built and cached; .venv stays.
	@rm -rf build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find gateway clients protos tests -type d -name __pycache__ -prune -exec rm -rf {} +
