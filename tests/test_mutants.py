"""Every known mistake is killed by the case that is called after it."""

import ast
import re
import runpy
from pathlib import Path

import pytest

from mlsys_kernels.course.catalog import CATALOG
from mlsys_kernels.course.spec import Exercise
from mlsys_kernels.grading.available import triton_installed
from mlsys_kernels.grading.grade import FileGrader

MUTANTS = sorted((Path(__file__).parent / "mutants").glob("*.py"))
BY_NUMBER = {exercise.slug[:2]: exercise for exercise in CATALOG}


def said(path: Path) -> dict[str, str]:
    """The lines `Caught by:`, `Cause:` and `Diagnosis:` of a mutant's docstring."""
    statement = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return dict(re.findall(r"^(Caught by|Cause|Diagnosis): (.+)$", statement, re.MULTILINE))


@pytest.mark.parametrize("exercise", CATALOG, ids=lambda exercise: exercise.slug)
def test_an_exercise_has_enough_mutants(exercise: Exercise) -> None:
    least = 10 if exercise.own_product else 3
    assert sum(path.name.startswith(exercise.slug[:2]) for path in MUTANTS) >= least


@pytest.mark.parametrize("exercise", [one for one in CATALOG if one.technique], ids=lambda exercise: exercise.slug)
def test_each_technique_check_has_a_mutant(exercise: Exercise) -> None:
    caught = {said(path)["Caught by"] for path in MUTANTS if path.name.startswith(exercise.slug[:2])}
    assert {case.name for case in exercise.technique} <= caught


def test_the_table_of_mutants_in_the_docs_is_up_to_date() -> None:
    here = Path(__file__).parent
    table = runpy.run_path(str(here / "mutant_table.py"))["table"]()

    assert (here.parent / "docs" / "mutants.md").read_text(encoding="utf-8") == table, "python tests/mutant_table.py"


@pytest.mark.parametrize("path", MUTANTS, ids=lambda path: path.stem)
def test_a_mutant_is_killed_by_the_case_that_it_names(path: Path) -> None:
    exercise = BY_NUMBER[path.name[:2]]
    if exercise.needs == "triton" and not triton_installed():
        pytest.skip("needs torch and triton")
    case = next(case for case in exercise.cases if case.name == said(path)["Caught by"])

    with FileGrader(path, exercise, seed=20) as grader:
        result = grader.grade(case)

    assert result.verdict == "failed", f"{result.verdict}: {result.reason or result.message}"
    assert result.message is not None
    assert said(path).get("Cause", result.cause) == result.cause
    assert said(path).get("Diagnosis", "") in f"{result.message.what} {result.message.numbers} {result.message.cause}"
