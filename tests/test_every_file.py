"""Every solution passes every case that this machine can run, and every stub is todo and nothing but todo."""

from pathlib import Path

import pytest

from mlsys_kernels.course.catalog import CATALOG
from mlsys_kernels.course.spec import Exercise
from mlsys_kernels.grading.available import triton_installed
from mlsys_kernels.grading.grade import grade_file

ROOT = Path(__file__).parents[1]

each = pytest.mark.parametrize("exercise", CATALOG, ids=lambda exercise: exercise.slug)


@each
def test_a_solution_passes_every_case_that_this_machine_can_run(exercise: Exercise) -> None:
    results = grade_file(exercise.path(ROOT, "solutions"), exercise)

    bad = [
        f"{r.case}: {r.message.text() if r.message else r.reason}"
        for r in results
        if r.verdict not in ("passed", "not-run")
    ]
    assert not bad, "\n".join(bad)
    if exercise.needs != "triton" or triton_installed():
        assert {result.case for result in results if result.verdict == "not-run"} == set()


@each
def test_a_stub_is_todo_and_only_todo(exercise: Exercise) -> None:
    results = grade_file(exercise.path(ROOT), exercise)

    words = {result.verdict for result in results}
    if exercise.needs == "triton" and not triton_installed():
        assert words == {"not-run"}
    else:
        assert {r.case: r.verdict for r in results if r.verdict not in ("todo", "not-run")} == {}
        assert "todo" in words
