# Words of this project: install, demo, test, check, bench.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: install demo test check bench clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml config/constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint config/constraints.txt --editable '.[dev]'
	touch $@

demo: install
	$(BIN)/heygem demo

test: install
	$(BIN)/pytest --numprocesses=auto --dist=worksteal

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: install
	$(BIN)/python -m benchmarks

clean:
	rm -rf build demo-output .pytest_cache .mypy_cache .ruff_cache
