# Every command runs in .venv, which is updated when the pinned requirements change.
PYTHON ?= python3
RUN := .venv/.run-$(shell sha256sum requirements.txt | cut -c1-16)
DEV := .venv/.dev-$(shell cat requirements.txt requirements-dev.txt tests/provider/package-lock.json 2>/dev/null | sha256sum | cut -c1-16)
PIP := .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header

.PHONY: run dev test test-fast model coverage check chaos bench flames plans simulation messages \
	pictures lock

run: $(RUN)  ## run the console with demo data at http://127.0.0.1:8000/
	@exec .venv/bin/python manage.py up

dev: $(DEV)  ## run it for development: reload on change, show tracebacks
	@exec .venv/bin/python manage.py dev

test: $(DEV)  ## run all tests, or some: make test ARGS="tests/images -k fiftieth"
	.venv/bin/python -m pytest --numprocesses auto --dist loadgroup $(ARGS)

test-fast: $(DEV)  ## run the tests that start no server processes (about a minute)
	.venv/bin/python -m pytest --numprocesses auto --dist loadgroup -m "not processes" $(ARGS)

model: SEED ?= $(shell date +%s)
model: $(DEV)  ## compare all three surfaces with a model: make model SEED=7 STEPS=500
	@echo "SEED=$(SEED)"
	MODEL_STEPS=$(or $(STEPS),5000) MODEL_SEED=$(SEED) .venv/bin/python -m pytest tests/model $(ARGS)

coverage: $(DEV)  ## run all tests and check the coverage against pyproject.toml
	.venv/bin/coverage erase
	.venv/bin/coverage run --data-file=$(CURDIR)/.coverage -m pytest \
		--numprocesses auto --dist loadgroup $(ARGS)
	.venv/bin/coverage combine --quiet
	.venv/bin/coverage report --show-missing --skip-covered

check: export SECRET_KEY := only-for-checks-0123456789-abcdefghijklmnopqrstuvwxyz
check: export AUDIT_SIGNING_KEYS := b25seS1mb3ItY2hlY2tzLTAxMjM0NTY3ODktYWJjZGU=
check: $(DEV)  ## check format, lint, types, layers, migrations, settings and pins
	.venv/bin/ruff format --check --quiet
	.venv/bin/ruff check --quiet
	@: the templates of the administration are Django's, the others Jinja's
	git ls-files -z 'templates/admin/*.html' | xargs -0 .venv/bin/djade --check --target-version 5.2
	.venv/bin/djangofmt --check --quiet templates/admin
	.venv/bin/djangofmt check --quiet templates/admin
	git ls-files -z 'templates/*.html' ':!templates/admin' | xargs -0 .venv/bin/djangofmt --profile jinja --check --quiet
	git ls-files -z 'templates/*.html' ':!templates/admin' | xargs -0 .venv/bin/djangofmt check --profile jinja --quiet
	@: lines of templates have at most 120 characters
	! LC_ALL=C.UTF-8 git grep --line-number --extended-regexp '.{121}' -- templates
	git ls-files -z '*.py' | xargs -0 .venv/bin/django-upgrade --check --target-version 5.2
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python -W ignore manage.py makemigrations --check --dry-run
	HTTPS=1 TRUSTED_PROXIES=1 .venv/bin/python manage.py check --deploy --fail-level WARNING
	@: the pinned requirements match pyproject.toml
	cp requirements.txt requirements-dev.txt .venv/
	$(COMPILE) pyproject.toml -o .venv/requirements.txt
	$(COMPILE) -c requirements.txt --group dev pyproject.toml -o .venv/requirements-dev.txt
	for file in requirements.txt requirements-dev.txt; do \
		grep -o '^[^ ]*==[^ ]*' .venv/$$file > .venv/pins; \
		grep -o '^[^ ]*==[^ ]*' $$file | diff - .venv/pins || exit 1; \
	done

chaos: $(DEV)  ## kill, freeze and fill everything under load, and print what was lost (5 minutes)
	.venv/bin/python manage.py shell -v 0 -c \
		"import sys; from tests.chaos.run import main; sys.exit(main('$(FAULTS)'.split()))"

bench: $(DEV)  ## measure every page and call on large consoles, for docs/performance.md
	.venv/bin/python manage.py shell -v 0 -c "import sys; from tests.bench.run import main; \
		sys.exit(main([int(size) for size in '$(or $(SIZES),1000 100000)'.split()], '$(ONLY)'))"

simulation: $(DEV)  ## simulate shares at 10, 100 and 1,000 regions, for docs/scale.md
	.venv/bin/python manage.py shell -v 0 -c \
		"import sys; from tests.bench.simulation import main; sys.exit(main())"

flames: $(DEV)  ## draw where the time of a page and a share goes, by py-spy: make flames PY_SPY=...
	PY_SPY=$(or $(PY_SPY),py-spy) .venv/bin/python manage.py shell -v 0 -c "from pathlib import Path; \
		from tests.bench.flames import main; main(Path('docs/pictures'), Path.cwd())"

plans: $(DEV)  ## read the plans of all pages with many rows: make plans SIZE=1000000 (10 minutes)
	PLANNED_IMAGES=$(or $(SIZE),100000) .venv/bin/python -m pytest -q --numprocesses 2 \
		--dist loadgroup tests/images/test_plans.py tests/images/admin/test_plans.py

messages: $(DEV)  ## update and compile the translations
	.venv/bin/python -m console.tools.messages

pictures: $(DEV)  ## take the screenshots for the docs
	.venv/bin/python -m console.tools.pictures

lock: $(DEV)  ## update the pinned requirements
	$(COMPILE) $(ARGS) pyproject.toml -o requirements.txt
	$(COMPILE) $(ARGS) -c requirements.txt --group dev pyproject.toml -o requirements-dev.txt

$(RUN):
	@$(if $(filter run dev,$(or $(MAKECMDGOALS),run)),$(PYTHON) -m console.address)
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	$(PIP) -r requirements.txt
	@rm -f .venv/.run-* && touch $@

$(DEV): $(RUN)
	$(PIP) -r requirements.txt -r requirements-dev.txt
	@: the OpenID provider of the tests
	mkdir -p .venv/provider
	cp tests/provider/package.json tests/provider/package-lock.json .venv/provider
	cd .venv/provider && ../bin/npm ci --no-audit --no-fund --loglevel error
	@rm -f .venv/.dev-* && touch $@
