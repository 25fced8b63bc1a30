"""Right answers in unusual styles pass, on every rung whose statement allows them."""

import ast
import os
import re
import runpy
from pathlib import Path

import pytest

from mlsys_kernels.course.catalog import BY_FILE, find_exercise
from mlsys_kernels.grading.available import triton_installed
from mlsys_kernels.grading.grade import grade_file

FOLDER = Path(__file__).parent / "right"
BUILT = runpy.run_path(str(FOLDER.with_name("right_built.py")))["BUILT"]


def rungs(path: Path) -> list[str]:
    """The numbers in the line `Passes:` of a file's docstring."""
    statement = ast.get_docstring(ast.parse(path.read_bytes())) or ""
    found = re.search(r"^Passes: (.+)$", statement, re.MULTILINE)
    assert found, f"{path.name} does not say which rungs it passes"
    return [number.strip() for number in found[1].split(",")]


# `make test` grades each file on its own rung; `make soak` on every rung that it names.
EVERY_RUNG = "MLSYS_SOAK" in os.environ
STORED = [pytest.param(path, number, id=f"{path.stem}-{number}") for path in sorted(FOLDER.glob("*.py"))
          for number in (rungs(path) if EVERY_RUNG else [path.name[:2]])]  # fmt: skip


def complaints(path: Path, number: str) -> list[str]:
    """What the grader holds against the file."""
    exercise = find_exercise(number)
    assert exercise is not None
    if exercise.needs == "triton" and not triton_installed():
        pytest.skip("needs torch and triton")
    return [
        f"{result.case}: {result.verdict} {result.message.text() if result.message else result.reason}"
        for result in grade_file(path, exercise)
        if result.verdict not in ("passed", "not-run")
    ]


def test_there_are_enough_of_them() -> None:
    assert len(list(FOLDER.glob("*.py"))) + len(BUILT) >= 25


@pytest.mark.parametrize(("path", "number"), STORED)
def test_a_right_answer_in_an_unusual_style_passes(path: Path, number: str) -> None:
    assert complaints(path, number) == []


@pytest.mark.parametrize("name", BUILT)
def test_a_right_answer_in_unusual_bytes_passes(tmp_path: Path, name: str) -> None:
    slugs, data = BUILT[name]
    for slug in slugs:
        exercise = BY_FILE[f"{slug}.py"]
        path = tmp_path / exercise.file
        path.write_bytes(data)
        assert complaints(path, exercise.slug) == []
