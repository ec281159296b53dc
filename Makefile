# make setup   install into .venv           make test   install what the tests need; run them
# make demo    setup, then the main job     make lint   ruff and mypy
# make lock    resolve the dependencies anew; nothing else changes the locks
# make docs    write docs/cli.md from the commands' own help
#
# PYTHON=python3.12 chooses the interpreter. The stamps in .venv make a second run install nothing.

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
INSTALL := $(UV) pip install --quiet --compile-bytecode --python $(BIN)/python
COMPILE := $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url

.PHONY: setup demo test lint lock docs clean

setup: .venv/run.stamp
	@echo "Installed. Try: $(BIN)/forensics --help"

demo: .venv/run.stamp
	$(BIN)/forensics run sample_data
	@echo "To type forensics as it stands here: source $(BIN)/activate"

test: .venv/dev.stamp
	$(BIN)/python -m pytest

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: .venv/uv.stamp
	printf 'uv\n' | $(UV) pip compile - --upgrade --quiet --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url --no-annotate -o requirements-uv.lock
	$(COMPILE) --upgrade --group build -o requirements.lock
	$(COMPILE) --upgrade --group dev --constraints requirements.lock -o requirements-dev.lock

docs: .venv/run.stamp
	$(BIN)/python docs/make_cli.py

clean:
	rm -rf .venv

.venv/uv.stamp: requirements-uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || { \
		echo "Python 3.11 to 3.14 is needed, and '$(PYTHON)' is not one;" \
			"name one: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/run.stamp: .venv/uv.stamp requirements.lock pyproject.toml
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.lock
	$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@
