# Everything a person does here. `make help` lists it.

PYTHON ?= python3
PORT ?= 8080
DATA_DIR ?= .entrepot
# What tests choose by chance, their order first, is different for each commit and the same for all who run it: a commit that
# passed here passes there. `make test SEED=1` tries another order.
SEED ?= $(shell printf '%d' "0x$$(git rev-parse HEAD 2>/dev/null | cut -c1-7 | grep . || echo 0)")

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
CHECKS := $(VENV)/.checks
GENERATORS := $(VENV)/generators
NODE_TESTS := tests/conformance/node
UV := $(BIN)/uv --quiet
# What checkers of types last found to be right, which they hold against the contents of files: a new clone begins with it.
KNOWN := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/entrepot
recall = [ -e $(2) ] || tar -xf "$(KNOWN)/$(1).tar" 2>/dev/null || true
keep = { mkdir -p "$(KNOWN)" && tar -cf "$(KNOWN)/$(1).$$$$" $(2) && mv -f "$(KNOWN)/$(1).$$$$" "$(KNOWN)/$(1).tar"; } 2>/dev/null || true
# Where make can (GNU make 4), what targets print that run beside one another stays together.
BESIDE := --no-print-directory --jobs=4 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# What is compiled is kept: else each of the processes that tests start compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv console serve dist test ready screenshots lint style types layers format bench lock audit clean console-check

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A server without a console is better than none.
serve: $(RUNTIME) ## Run the server with its own database (PORT=8080 DATA_DIR=.entrepot)
	@VENV=$(VENV) console/build || echo "The console could not be built (see above): the server starts without it." >&2
	@exec $(BIN)/entrepot serve --port $(PORT) --data-dir "$(DATA_DIR)"

console: $(RUNTIME) ## Build what the server shows at /, if its sources have changed
	@VENV=$(VENV) console/build

dist: $(RUNTIME) console ## Make the wheel, with the console in it, in dist/
	@rm -rf build
	@$(UV) build --wheel --no-build-isolation --python $(BIN)/python --out-dir dist .

venv: $(CHECKS) ## Make or update .venv, with the tools of the checks

# `exec` and no recipe after it: pytest's closing line is the last one printed.
test: ## Everything CI runs
	@$(MAKE) $(BESIDE) ready
	@exec $(BIN)/python -m pytest -n 3 --dist worksteal --reruns=1 --randomly-seed=$(SEED) --hypothesis-seed=$(SEED)

# All that is no test, and all that tests need. What takes longest is begun first.
ready: $(if $(wildcard $(NODE_TESTS)/package.json),$(NODE_TESTS)/node_modules) console-check types style layers $(GENERATORS)/.installed

screenshots: $(CHECKS) console ## Go through the console and picture its pages, to tests/console/screenshots
	@ENTREPOT_SCREENSHOTS=1 $(BIN)/python -m pytest -q tests/console

lint: style types layers ## Style, types and layers

style: $(CHECKS)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

# From nothing it takes 40 s of a core.
types: $(CHECKS)
	@$(call recall,mypy,.mypy_cache)
	@$(BIN)/mypy
	@$(call keep,mypy,.mypy_cache)

layers: $(CHECKS)
	@$(BIN)/lint-imports

# Types of the document as the code has it, then those of the console against them.
console-check: $(RUNTIME) console
	@PYTHON=$(BIN)/python console/types
	@$(call recall,tsc,console/node_modules/.tsbuildinfo)
	@npm run --silent --prefix console check
	@$(call keep,tsc,console/node_modules/.tsbuildinfo)

format: $(CHECKS) ## Rewrite the files in the project's style
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: $(CHECKS) ## Measure against the limits of the same machine (installs wrk where it may)
	@command -v wrk >/dev/null || apt-get install -qq -y wrk >/dev/null || \
	  { echo "make bench needs wrk: apt-get install wrk" >&2; exit 1; }
	@exec $(BIN)/python -m benchmarks

lock: $(CHECKS) ## Take the newest versions of all dependencies, of those that are a week old
	@for list in installer base dev generators node; do \
	  case $$list in base|dev) unused="--override requirements/unused.txt";; *) unused=;; esac; \
	  $(UV) pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    $$unused --exclude-newer "$$(date -u -d '-7 days' +%F 2>/dev/null || date -u -v-7d +%F)" \
	    --custom-compile-command "make lock" requirements/$$list.in -o requirements/$$list.txt || exit 1; done

audit: $(CHECKS) ## Compare the versions in use with the advisories that are known (asks a public database)
	@$(BIN)/python -m venv $(VENV)/.audit
	@VIRTUAL_ENV=$(VENV)/.audit $(UV) pip install pip-audit
	@for list in installer base dev generators node; do \
	  $(VENV)/.audit/bin/pip-audit --disable-pip --require-hashes -r requirements/$$list.txt || exit 1; done

clean: ## Remove what make made, but no data
	rm -rf $(VENV) $(NODE_TESTS)/node_modules console/node_modules packages/testing-js/node_modules build dist src/entrepot/http/console/built \
	  .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# Each stamp is newer than what it was made from, so a second run does nothing.
$(BIN)/uv: requirements/installer.txt
	@echo "Making $(VENV)"
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer with its venv module is needed (Debian: apt-get install python3-venv;" \
	       "another interpreter: make PYTHON=/path/to/python3)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/installer.txt
	@touch $@

$(RUNTIME): $(BIN)/uv requirements/base.txt pyproject.toml
	@echo "Installing the server's dependencies"
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --no-deps --require-hashes --compile-bytecode -r requirements/base.txt
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --no-deps --no-build-isolation --editable .
	@touch $@

$(CHECKS): $(RUNTIME) requirements/dev.txt
	@echo "Installing the tools of the checks"
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

$(GENERATORS)/.installed: $(BIN)/uv requirements/generators.txt
	@echo "Installing generators of clients"
	@$(UV) venv --clear --python $(BIN)/python $(GENERATORS)
	@VIRTUAL_ENV=$(GENERATORS) $(UV) pip install --require-hashes -r requirements/generators.txt
	@touch $@

$(NODE_TESTS)/node_modules: $(NODE_TESTS)/package.json $(wildcard $(NODE_TESTS)/package-lock.json)
	@npm ci --prefix $(NODE_TESTS) --no-audit --no-fund --loglevel=error
	@touch $@
