# The two commands are `make demo` and `make test`; each sets up all that it needs.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python
UV := $(shell command -v uv 2>/dev/null)
export PORT

.DEFAULT_GOAL := help
.PHONY: help demo test check format css lock bench clean-demo setup

help:
	@echo "make demo   serve the portal with demo data (PORT=$(PORT))"
	@echo "make test   run every test that this machine can run"
	@echo "make check  lint, types, import contracts, templates, migrations"
	@echo "make format, make css, make lock, make bench, make clean-demo"

# One stamp for each lock: nothing is installed twice. The lock names every package, so pip need not
# look for more; and Python compiles what it imports when it first does.
$(VENV)/.installed: uv.lock requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 demo"; exit 1; }
ifdef UV
	@echo "→ Installing the locked packages with uv"
	@$(UV) sync --frozen --quiet --all-groups --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')"
else
	@echo "→ Making a virtual environment and installing the locked packages with pip (a minute or two)"
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-compile \
		-r requirements.txt
endif
	@touch $@

setup: $(VENV)/.installed

demo: setup
	@$(PY) manage.py serve_demo

test: setup
	@$(PY) -m tests.run

check: setup
	@echo "→ ruff" && $(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .
	@echo "→ mypy" && $(VENV)/bin/mypy
	@echo "→ import contracts" && $(VENV)/bin/lint-imports --no-cache
	@echo "→ templates" && $(VENV)/bin/djlint templates --lint --quiet
	@echo "→ migrations" && DJANGO_SETTINGS_MODULE=portal.settings.test $(PY) manage.py makemigrations --check --dry-run
	@DJANGO_SETTINGS_MODULE=portal.settings.test $(PY) manage.py lintmigrations --ignore-initial-migrations --quiet ok ignore --include-apps accounts audit notifications vendor licensing billing
	@echo "→ the built stylesheet" && $(PY) -m tests.architecture.stylesheet

format: setup
	@$(VENV)/bin/ruff check --fix --quiet . ; $(VENV)/bin/ruff format .

css: setup
	@$(VENV)/bin/tailwindcss -i portal/kit/styles/portal.css -o static/css/portal.css --minify

lock:
	@uv lock && uv export --frozen --all-groups --no-emit-project --quiet -o requirements.txt

bench: setup
	@$(PY) -m benchmarks.page_queries
	@$(PY) -m benchmarks.page_speed
	@$(PY) -m benchmarks.demo_start

clean-demo:
	rm -rf .demo
