# make demo   set-up, grade the solutions, benchmark the ladder, write reports/
# make test   set-up, then the project's own tests
# make venv   the set-up alone; PIP_ARGS="..." is handed to pip
.POSIX:
PYTHON ?= python3
PIP_ARGS ?=
BIN = .venv/bin
INSTALLED = .venv/.installed

venv: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt $(PIP_ARGS) --editable ".[triton,dev]"
	touch $(INSTALLED)
