# Everything is done in .venv, which follows the pinned requirements.
PYTHON ?= python3
RUN := .venv/.run-$(shell sha256sum requirements.txt | cut -c1-16)
DEV := .venv/.dev-$(shell cat requirements.txt requirements-dev.txt | sha256sum | cut -c1-16)
PIP := .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header

.PHONY: run dev test test-fast coverage check messages pictures lock

run: $(RUN)  ## the console with demo data, on http://127.0.0.1:8000/
	@exec .venv/bin/python manage.py up

dev: $(DEV)  ## the same for developers: reload on change, tracebacks in the browser
	@exec .venv/bin/python manage.py dev

test: $(DEV)  ## the whole suite, or a part: make test ARGS="tests/images -k fiftieth"
	.venv/bin/python -m pytest --numprocesses auto --dist loadgroup $(ARGS)

test-fast: $(DEV)  ## the suite without browser, SDK and server processes, in a minute
	.venv/bin/python -m pytest --numprocesses auto --dist loadgroup -m "not processes" $(ARGS)

coverage: $(DEV)  ## the suite as in test, held to the coverage in pyproject.toml
	.venv/bin/coverage erase
	.venv/bin/coverage run --data-file=$(CURDIR)/.coverage -m pytest \
		--numprocesses auto --dist loadgroup $(ARGS)
	.venv/bin/coverage combine --quiet
	.venv/bin/coverage report --show-missing --skip-covered

check: export SECRET_KEY := only-for-checks-0123456789-abcdefghijklmnopqrstuvwxyz
check: $(DEV)  ## format, lint, types, the import contract, Django's own checks
	.venv/bin/ruff format --check --quiet
	.venv/bin/ruff check --quiet
	git ls-files -z 'templates/*.html' | xargs -0 .venv/bin/djade --check --target-version 5.2
	.venv/bin/djangofmt --check --quiet templates
	.venv/bin/djangofmt check --quiet templates
	@: no line of a template is longer than 120 characters
	! LC_ALL=C.UTF-8 git grep --line-number --extended-regexp '.{121}' -- templates
	git ls-files -z '*.py' | xargs -0 .venv/bin/django-upgrade --check --target-version 5.2
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python -W ignore manage.py makemigrations --check --dry-run
	HTTPS=1 .venv/bin/python manage.py check --deploy --fail-level WARNING
	@: the pins are what pyproject.toml asks for, no more and no less
	cp requirements.txt requirements-dev.txt .venv/
	$(COMPILE) pyproject.toml -o .venv/requirements.txt
	$(COMPILE) -c requirements.txt --group dev pyproject.toml -o .venv/requirements-dev.txt
	for file in requirements.txt requirements-dev.txt; do \
		grep -o '^[^ ]*==[^ ]*' .venv/$$file > .venv/pins; \
		grep -o '^[^ ]*==[^ ]*' $$file | diff - .venv/pins || exit 1; \
	done

messages: $(DEV)  ## find the texts to translate, and compile their translation
	.venv/bin/python -m console.tools.messages

pictures: $(DEV)  ## photograph the console with its demo data for the documents
	.venv/bin/python -m console.tools.pictures

lock: $(DEV)  ## pin what pyproject.toml asks for
	$(COMPILE) $(ARGS) pyproject.toml -o requirements.txt
	$(COMPILE) $(ARGS) -c requirements.txt --group dev pyproject.toml -o requirements-dev.txt

$(RUN):
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	$(PIP) -r requirements.txt
	@rm -f .venv/.run-* && touch $@

$(DEV): $(RUN)
	$(PIP) -r requirements.txt -r requirements-dev.txt
	@rm -f .venv/.dev-* && touch $@
