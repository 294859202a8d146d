# Words of this project: install, demo, test, check, bench.
# PYTHON=python3.12 asks for one; else config/venv.sh finds one that fits.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
# Hundreds of processes start in a test run: what one has compiled the others find, whatever the machine's habit is.
export PYTHONDONTWRITEBYTECODE :=
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint config/constraints.txt --editable

.PHONY: install demo test check bench clean

# What runs the product on embedded defaults.
install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml config/constraints.txt
	sh config/venv.sh $(VENV) $(PYTHON)
	$(PIP) '.[mesh,demo,telegram,slack]'
	$(BIN)/heygem models pull mesh
	$(BIN)/python -P -m heygem.redis.bring
	touch $@

# What its tests need besides.
$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) '.[dev]'
	touch $@

demo: install
	$(BIN)/heygem demo

# More processes than two cores, since many tests wait; tests/conftest.py says which of them share one.
test: $(VENV)/.installed-dev
	$(BIN)/pytest --numprocesses=4 --dist=loadscope --no-loadscope-reorder

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks

clean:
	rm -rf build demo-output .pytest_cache .mypy_cache .ruff_cache
