# `make run` and `make test` are all a newcomer needs; both set up the virtual environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The files that take long come first, so that both workers end at a time.
TOGETHER := -n 2 --dist loadfile --no-loadscope-reorder
TESTS := tests/e2e tests/simulation tests/conformance tests/properties tests/vectors tests/unit

# The tests start Python by the hundred: each start would compile every source anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-long check docs setup lock clean

run: setup
	$(BIN)/barada demo

# What computes and what waits for other processes share the cores; what looks at the clock has them to itself.
test: setup check
	$(BIN)/pytest -m "not long and not alone" $(TOGETHER) $(TESTS)
	$(BIN)/pytest -m "not long and alone" tests/e2e

test-long: setup check
	$(BIN)/pytest --hypothesis-profile=long -m "not alone" $(TOGETHER) $(TESTS)
	$(BIN)/pytest -m alone tests/e2e

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

docs: setup
	$(BIN)/barada reference wire --output docs/wire.md
	$(BIN)/barada reference config --output docs/configuration.md
	$(BIN)/barada reference saga --output docs/saga.md

setup: $(VENV)/.done

$(VENV)/.done: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet pip-tools
	$(VENV)-lock/bin/pip-compile --quiet --strip-extras --allow-unsafe --no-header --generate-hashes \
		--extra bench --extra dev --extra fleet --output-file requirements.lock pyproject.toml
	sed -i '/^--/d' requirements.lock  # versions and hashes only: where they come from is the machine's business
	rm -r $(VENV)-lock

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .hypothesis
