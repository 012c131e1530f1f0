# The few commands of this project. All paths are relative, so that blanks in the folder's name do no harm.

PYTHON ?= python3
RUN = .venv/bin/python

export UV_PYTHON_DOWNLOADS = never
unexport VIRTUAL_ENV

.PHONY: up setup test browser-test bench check format messages

up: setup ## Start everything; PORT and KAM_HOME choose the port and the data folder
	@$(RUN) manage.py up

setup: .venv/.ready ## Install everything, start nothing

test: setup ## All tests but those in a browser, a process and a database for each core
	@$(RUN) -m pytest -n auto --maxprocesses 8 --dist loadfile

browser-test: setup ## Tests in Chromium; CHROMIUM names it where it is not /usr/bin/chromium
	@$(RUN) -m pytest -m browser -n 2 --dist load

bench: setup ## Measure pages against each other and sales against the bare database, written to bench/results.md; takes minutes and some gigabytes
	@$(RUN) -m bench
	@$(RUN) -m bench sales

check: setup ## Format, lint, types, floors, templates, migrations
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy
	@.venv/bin/lint-imports --no-cache
	@git ls-files -z -- 'templates/*.html' | xargs -0 -r .venv/bin/djade --check --target-version 5.2
	@$(RUN) manage.py makemigrations --check --dry-run
	@$(RUN) manage.py messages --check
	@$(RUN) manage.py check

format: setup ## Put code and templates into shape
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .
	@git ls-files -z -- 'templates/*.html' | xargs -0 -r .venv/bin/djade --target-version 5.2

messages: setup ## Bring the catalogues of translations in step with code and templates
	@$(RUN) manage.py messages

.venv/.ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; $$($(PYTHON) --version 2>&1 | head -n 1) is here. Install it and run: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python comes without ensurepip here. On Debian and Ubuntu install it with: apt-get install python3-venv" >&2; exit 1; }
	@.venv/bin/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@echo "• Installing packages …"
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	@.venv/bin/python -m uv sync --locked --quiet || { \
	  echo "• Trying again, with the certificates of this system …"; \
	  UV_SYSTEM_CERTS=1 .venv/bin/python -m uv sync --locked --quiet; }
	@.venv/bin/python -m kam.pango
	@touch $@
