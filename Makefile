# make demo   the set-up, then: grade the solutions, benchmark the ladder, write reports/
# make test   the set-up, then: the project's own checks and tests
# make venv   the set-up alone; PIP_ARGS="..." is handed to pip, PYTHON=python3.12 chooses the interpreter
# make bench  the full benchmark (n up to 2048), to reports/
# make gpu    on a machine with an NVIDIA GPU: grade the Triton rungs natively, to benchmarks/results/
# make soak   hours: the grader 200 times over right files, 20 times over wrong ones; resumable, to benchmarks/results/
# make test-matrix  with the next two versions of Triton: the hooks fit and the counts are the same
# make mutation  hours: mutate the grader's own code and see whether its tests notice
# make lint   ruff, ruff format and mypy
# make clean  remove what the others made

PYTHON ?= python3
PIP_ARGS ?=
BIN := .venv/bin
INSTALLED := .venv/.installed
MLK := $(BIN)/mlk

.PHONY: help venv demo test lint bench gpu soak test-matrix mutation clean
help:
	@sed -n 's/^# make/make/p' Makefile

venv: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "mlsys-kernels needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one:  make venv PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv. pip will download about 150 MB, and on Linux torch and triton as well:"
	@echo "about 0.5 GB with the CPU build of torch, about 3 GB with the usual build, which carries CUDA."
	@echo "(No NVIDIA GPU? See 'Set-up' in README.md for the one option that gets the small build.)"
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is missing or broken (Debian, Ubuntu: apt install python3-venv)."; exit 1; }
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on --constraint constraints.txt $(PIP_ARGS) --editable '.[triton,dev]'
	@touch $(INSTALLED)
	@echo "Set up. Try:  $(MLK) --help"

demo: $(INSTALLED)
	@echo "== 1 of 3: grade every reference solution =="
	$(BIN)/python -m pytest solutions -q
	@echo "== 2 of 3: benchmark the ladder, small sizes =="
	@mkdir -p reports
	$(MLK) bench --quick --json reports/run.json
	@echo "== 3 of 3: write the report =="
	@$(MLK) report reports/run.json --out reports >/dev/null
	@echo
	@echo "The reports are in reports/index.html and reports/report.md."
	@echo "Your first step:"
	@$(MLK) start

test: $(INSTALLED) lint
	$(BIN)/python -m pytest tests -n 2

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(INSTALLED)
	@mkdir -p reports
	$(MLK) bench --json reports/run.json
	$(MLK) report reports/run.json --out reports

# Works with the machine's own Python too, where torch and triton are already there: make gpu GPU_PYTHON=python3
GPU_PYTHON ?= $(BIN)/python
gpu:
	@$(GPU_PYTHON) -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' || { \
	  echo "$(GPU_PYTHON): torch is missing or sees no CUDA device (make venv first, or make gpu GPU_PYTHON=python3)"; exit 1; }
	@mkdir -p benchmarks/results
	PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 PYTHONPATH=src $(GPU_PYTHON) -m pytest -o required_plugins= -p mlsys_kernels.pytest_plugin \
	  solutions/2*.py -v --junit-xml benchmarks/results/gpu-grading.xml

soak: $(INSTALLED)
	MLSYS_SOAK=1 $(BIN)/python -m pytest tests/test_right.py -n 2 -q
	$(BIN)/python tests/soak.py benchmarks/results/soak.json

test-matrix: $(INSTALLED)
	$(BIN)/python tests/matrix.py 3.8.0 3.9.0

mutation: $(INSTALLED)
	@git diff --quiet -- src || { echo "make mutation changes src/ line by line and puts it back: commit first"; exit 1; }
	$(BIN)/python -m pip install --quiet cosmic-ray
	$(BIN)/cosmic-ray init tests/mutation.toml .mlsys-mutation.sqlite
	$(BIN)/cosmic-ray exec tests/mutation.toml .mlsys-mutation.sqlite
	$(BIN)/cr-rate .mlsys-mutation.sqlite

clean:
	rm -rf .venv reports .mlsys .pytest_cache .mypy_cache .ruff_cache
