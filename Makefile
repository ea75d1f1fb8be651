# Each target does its own set-up in .venv, again in a second if nothing changed.
# On Windows, or without make: see README.md.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# What lessons need is in one environment; tests add their own packages to it.
READY := $(VENV)/.ready
TESTABLE := $(VENV)/.testable
COURSE := $(PY) -m keeper

# PROFILE=lecture make run
ifdef PROFILE
export COURSE_PROFILE := $(PROFILE)
endif

.PHONY: help lab run notebooks record slides site release exercises test bench tables report chromium lock clean
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

record: $(READY)  ## Record lessons on real data, a run a seed: ARGS="06 --seeds 0 1 2"
	$(COURSE) record $(ARGS)

slides: $(READY)  ## Write all lessons as slides that need no network
	$(COURSE) slides

release: $(READY)  ## Write what students get into DIR, without solutions and outputs
	$(COURSE) release "$(DIR)"

site: $(TESTABLE)  ## Write the course as a web site that needs no network (Python 3.11)
	$(COURSE) site $(ARGS)

exercises: $(READY)  ## Write the students' versions of the exercises
	$(COURSE) exercises

test: $(TESTABLE) chromium  ## Lint, check types, run the tests, and compare all notebooks
	$(COURSE) test $(ARGS)

# Slides, pages and JupyterLab are tested in a browser. Without one, tests are skipped,
# and the last lines of `make test` name them.
chromium:
ifneq ($(BROWSER),no)
	@command -v chromium > /dev/null || command -v google-chrome > /dev/null || { \
		test "$$(id -u)" = 0 && \
		command -v apt-get > /dev/null && \
		echo 'Installs Chromium with apt-get, to test in it. Without: make test BROWSER=no' && \
		apt-get update -qq && \
		apt-get install -qq --no-install-recommends chromium fonts-liberation; } || true
endif

bench: $(TESTABLE)  ## Measure the course against its peers, in 20 minutes; ARGS=imdb: a part
	$(COURSE) bench $(ARGS)

tables: $(READY)  ## Write the tables of README and docs from results/
	$(COURSE) tables

report: $(READY)  ## Print what a report of a mistake should tell of this computer
	$(COURSE) report

# The pins stay, but for what pyproject.toml no longer allows. No file is younger than a
# week: a package that was taken over is mostly found out by then.
LOCK := $(VENV)/bin/uv pip compile --universal --python-version 3.10 --generate-hashes \
	--no-header --no-emit-index-url --quiet --exclude-newer '7 days' pyproject.toml \
	--extra build

lock: $(TESTABLE)  ## Lock what pyproject.toml names; ARGS=--upgrade: everything anew
	$(LOCK) $(ARGS) -o requirements.lock
	$(LOCK) $(ARGS) --extra test -c requirements.lock -o requirements-test.lock
	sed -i.old '/^      - /d' environment.yml && rm environment.yml.old
	sed -nE "s/^([a-z0-9].*[^ ]) \\\\$$/      - \1/p" requirements.lock >> environment.yml
	echo "      - -e ." >> environment.yml

clean:  ## Remove what the other targets made
	rm -rf $(VENV) build notebooks/written

# A virtual environment with the packages of a lock, none of an older one, and the
# course itself.
define install
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo 'The course needs Python 3.10 to 3.13: make $(MAKECMDGOALS) PYTHON=python3.11'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
		{ echo 'This Python cannot make a virtual environment; on Debian: apt install python3-venv'; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(PY) -m pip install --quiet --require-hashes -r $(1)
	$(PY) -m pip install --quiet --no-deps --no-build-isolation --editable .
endef

$(READY): requirements.lock pyproject.toml
	$(call install,requirements.lock)
	@touch $@

# It holds what the lessons need, too.
$(TESTABLE): requirements-test.lock requirements.lock pyproject.toml
	$(call install,requirements-test.lock)
	@touch $(READY) $@
