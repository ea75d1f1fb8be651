# Each target does its own set-up in .venv, again in a second if nothing changed.
# On Windows, or without make: see README.md.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
COURSE := $(PY) -m keeper

# PROFILE=lecture make run
ifdef PROFILE
export COURSE_PROFILE := $(PROFILE)
endif

.PHONY: help lab run notebooks slides exercises test bench tables report chromium lock clean
.DEFAULT_GOAL := help

help:  ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12
	@echo 'ARGS="…" hands arguments on, for example: make run ARGS="01 02"'

lab: $(READY)  ## Open JupyterLab on the course
	$(COURSE) lab $(ARGS)

run: $(READY)  ## Execute all lessons; PROFILE=lecture make run: on real data
	$(COURSE) run $(ARGS)

notebooks: $(READY)  ## Execute all lessons again and rewrite their committed outputs
	$(COURSE) notebooks $(ARGS)

slides: $(READY)  ## Write all lessons as slides that need no network
	$(COURSE) slides

exercises: $(READY)  ## Write the students' versions of the exercises
	$(COURSE) exercises

test: $(READY) chromium  ## Lint, check types, run the tests, and compare all notebooks
	$(COURSE) test $(ARGS)

# The tests of the slides need a browser. Without one they are skipped.
chromium:
	@command -v chromium > /dev/null || { test "$$(id -u)" = 0 && apt-get update -qq && \
		apt-get install -qq --no-install-recommends chromium fonts-liberation; } || \
		echo 'No Chromium, and none could be installed: the slides are not tested.'

bench: $(READY)  ## Measure the course against its peers, in 20 minutes; ARGS=imdb: a part
	$(COURSE) bench $(ARGS)

tables: $(READY)  ## Write the tables of README and docs from results/
	$(COURSE) tables

report: $(READY)  ## Print what a report of a mistake should tell of this computer
	$(COURSE) report

lock: $(READY)  ## Write requirements.lock and environment.yml from pyproject.toml
	$(VENV)/bin/uv pip compile --universal --python-version 3.10 --all-extras \
		--generate-hashes --no-header --no-emit-index-url --quiet --upgrade \
		pyproject.toml -o requirements.lock
	sed -i.old '/^      - /d' environment.yml && rm environment.yml.old
	sed -nE "s/^([a-z0-9].*[^ ]) \\\\$$/      - \1/p" requirements.lock >> environment.yml
	echo "      - -e ." >> environment.yml

clean:  ## Remove what the other targets made
	rm -rf $(VENV) build

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo 'The course needs Python 3.10 to 3.13: make $(MAKECMDGOALS) PYTHON=python3.11'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
		{ echo 'This Python cannot make a virtual environment; on Debian: apt install python3-venv'; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
