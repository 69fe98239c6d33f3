# Everything is done in .venv, which follows the pinned requirements.
PYTHON ?= python3
RUN := .venv/.run-$(shell sha256sum requirements.txt | cut -c1-16)
DEV := .venv/.dev-$(shell cat requirements.txt requirements-dev.txt | sha256sum | cut -c1-16)
PIP := .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header

.PHONY: run test check lock

run: $(RUN)  ## the console with demo data, on http://127.0.0.1:8000/
	@exec .venv/bin/python manage.py up

test: $(DEV)  ## the whole suite, on a throw-away PostgreSQL
	.venv/bin/python -m pytest --numprocesses auto --dist loadgroup $(ARGS)

check: export SECRET_KEY := only-for-checks-0123456789-abcdefghijklmnopqrstuvwxyz
check: $(DEV)  ## format, lint, types, the import contract, Django's own checks
	.venv/bin/ruff format --check --quiet
	.venv/bin/ruff check --quiet
	git ls-files -z 'templates/*.html' | xargs -0 .venv/bin/djade --check --target-version 5.2
	.venv/bin/djlint --lint --quiet templates
	git ls-files -z '*.py' | xargs -0 .venv/bin/django-upgrade --check --target-version 5.2
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python -W ignore manage.py makemigrations --check --dry-run
	HTTPS=1 .venv/bin/python manage.py check --deploy --fail-level WARNING
	@: what is pinned is all that pyproject.toml asks for, and the same with and without tests
	.venv/bin/uv pip install --quiet --offline --dry-run --requirements pyproject.toml --group dev
	! grep == requirements.txt | grep --line-regexp --fixed-strings --invert-match \
		--file requirements-dev.txt

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
