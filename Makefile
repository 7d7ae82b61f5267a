# SPDX-License-Identifier: GPL-3.0-or-later
# The one way in.  Needs Python 3.11 or 3.13 and make; everything else is fetched
# by exact version and hash (requirements/) into a virtual environment in this folder.
# Running a goal again does only what changed.
#
#   PYTHON=...   the Python to use (default: python3 if it is 3.11 or 3.13, else what is found)
#   VENV=...     the environment's folder (default: .venv)
#   BLENDER=...  the Blender whose window `make test-window` drives
#   ARGS=...     more arguments for pytest, the benchmarks or the film

VENV ?= .venv
SCRIPT ?= examples/last_train.fountain
FILM ?= build/$(basename $(notdir $(SCRIPT)))

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PY := $(BIN)/python
PIP := $(PY) -m pip install --disable-pip-version-check --no-deps
PINS := $(wildcard requirements/*.txt)
PYTEST := $(PY) -m pytest --timeout 300
# A file's tests stay together, as they share what is slow to make; films and chaos take long and begin.
SIDE_BY_SIDE := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# Environments apart: libraries that stay out of ours, and servers for the tests to talk to.
APART := helper servers gradio3
apart_python = $(abspath $(VENV)-$(1)/$(notdir $(BIN))/python)
test chaos: export MOVIE_DIRECTOR_HELPER = $(call apart_python,helper)
test chaos: export MOVIE_DIRECTOR_SERVERS = $(call apart_python,servers)
test chaos: export MOVIE_DIRECTOR_GRADIO3 = $(call apart_python,gradio3)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help film test test-plain test-window chaos bench bench-quick extension lint format docs pins clean

help: ## say what can be made
	@echo "Movie Director.  Usage: make GOAL"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

film: $(VENV)/.film $(VENV)/.blender ## turn the example screenplay into a film, build/last_train/
	$(BIN)/movie-director film $(SCRIPT) -o $(FILM) $(ARGS)

test: $(VENV)/.test $(VENV)/.blender $(APART:%=$(VENV)-%/.apart) ## run every test that needs no window
	$(PYTEST) $(SIDE_BY_SIDE) -m "not window" $(ARGS)

test-plain: ## run the same tests with no Blender installed (in .venv-plain)
	@$(MAKE) --no-print-directory VENV=$(VENV)-plain .test-plain

.PHONY: .test-plain
.test-plain: $(VENV)/.plain
	$(PYTEST) $(SIDE_BY_SIDE) -m "not window and not blender" $(ARGS)

test-window: $(VENV)/.test ## drive a real Blender window: BLENDER=/path/to/blender, or one under Xvfb
	BLENDER="$(BLENDER)" $(PYTEST) -m window $(ARGS)

chaos: $(VENV)/.test $(APART:%=$(VENV)-%/.apart) ## ten thousand pieces of work on servers that do everything wrong (ten minutes)
	MOVIE_DIRECTOR_CHAOS=10000 $(PY) -m pytest tests/chaos/test_all_executors.py tests/chaos/test_flapping.py $(ARGS)

bench: $(VENV)/.test ## measure everything; results in build/bench.json
	$(PY) tools/bench $(ARGS)

bench-quick: $(VENV)/.test ## the same benchmarks, small, with looser limits on seconds
	$(PY) tools/bench --quick $(ARGS)

extension: $(VENV)/.test ## build and validate the Blender extension: build/extension/*.zip
	$(PY) tools/build_extension $(ARGS)

lint: $(VENV)/.test ## check format, style, types and that the generated pages are current
	@bad=0; \
	$(BIN)/ruff format --check --quiet . || bad=1; \
	$(BIN)/ruff check --output-format concise . || bad=1; \
	$(PY) tools/typecheck || bad=1; \
	$(PY) tools/make_docs.py --check || bad=1; \
	exit $$bad

format: $(VENV)/.test ## put the code into its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.test ## write the generated reference pages again
	$(PY) tools/make_docs.py

pins: ## pin what pyproject.toml asks for (needs the network)
	tools/lock $(ARGS)

clean: ## remove what was built, films too; the environments stay
	rm -rf build dist *.egg-info

# --- environments -------------------------------------------------------------
# Each stamp says that one set of pins is installed; a changed pin makes it stale.

define NO_PYTHON
Movie Director needs Python 3.11 or 3.13, with venv: Blender is built for those.
  Debian, Ubuntu:  sudo apt-get install python3.11-venv   (or python3.13-venv)
  elsewhere:       install one of them, then: make PYTHON=/path/to/python3.13 ...
endef
export NO_PYTHON

$(VENV)/.made:
	@python=$$(sh tools/find-python $(if $(PYTHON),--any "$(PYTHON)")) \
	    || { printf '%s\n' "$$NO_PYTHON" >&2; exit 1; }; \
	echo "$(VENV): $$python"; "$$python" -m venv "$(VENV)"
	@touch $@

# Someone who watches is shown the progress; a log is not.
define INSTALL
	@pins=requirements/$(1)-$$($(PY) -c 'import sys; print("%d.%d" % sys.version_info[:2])').txt; \
	if [ -t 1 ]; then quiet=; else quiet=-qq; fi; \
	$(PIP) $$quiet --require-hashes -r $$pins
	@$(PIP) -qq --no-build-isolation --editable .
	@touch $@
endef

$(VENV)/.film: $(VENV)/.made $(PINS) pyproject.toml
	@echo "Installing what a film needs (once; Blender's module is large)"
	$(call INSTALL,film)

$(VENV)/.test: $(VENV)/.made $(PINS) pyproject.toml
	@echo "Installing what the tests need (once)"
	$(call INSTALL,test)
	@touch $(VENV)/.film

$(VENV)/.plain: $(VENV)/.made $(PINS) pyproject.toml
	@echo "Installing what the tests need, without Blender (once)"
	$(call INSTALL,plain)

# One that is not pinned for this Python stays empty; the tests that need it say so.
$(VENV)-%/.apart: $(VENV)/.made $(PINS) pyproject.toml
	@pins=requirements/$*-$$($(PY) -c 'import sys; print("%d.%d" % sys.version_info[:2])').txt; \
	mkdir -p $(@D); \
	if [ -f $$pins ]; then \
	    echo "Installing $* into $(@D) (once)"; \
	    $(PY) -m venv $(@D) && \
	    $(call apart_python,$*) -m pip install --disable-pip-version-check --no-deps -qq --require-hashes -r $$pins; \
	fi
	@touch $@

# Asked again when the pins change; a machine that lacks a library is told which.
$(VENV)/.blender: | $(VENV)/.film
	@$(PY) tools/check-blender
	@touch $@
