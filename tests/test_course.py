"""The course is one table and two folders that mirror each other; only the gap tells an exercise from its solution."""

import ast
import re
from pathlib import Path

import pytest

from mlsys_kernels.course.catalog import BY_FILE, CATALOG
from mlsys_kernels.course.spec import Exercise

ROOT = Path(__file__).parents[1]
GAP = re.compile(r"^( *)# gap: roughly (\d+) lines?\n(.*?)^\1# end of gap$", re.DOTALL | re.MULTILINE)
STAND_ALONE = {"numpy", "numba", "torch", "triton", "math", "time", "statistics", "itertools", "functools", "typing"}

each = pytest.mark.parametrize("exercise", CATALOG, ids=lambda exercise: exercise.slug)


def text(exercise: Exercise, folder: str) -> str:
    return exercise.path(ROOT, folder).read_text(encoding="utf-8")


def test_the_catalog_and_the_two_folders_list_the_same_files() -> None:
    listed = {exercise.file for exercise in CATALOG}

    assert listed == {path.name for path in (ROOT / "exercises").glob("*.py")}
    assert listed == {path.name for path in (ROOT / "solutions").glob("*.py")}
    assert len(BY_FILE) == len(CATALOG)


def test_the_core_ladder_is_complete() -> None:
    numbers = [int(exercise.slug[:2]) for exercise in CATALOG]

    assert numbers == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 20, 21, 22, 23, 24, 25, 26, 27]


@each
def test_a_solution_differs_from_its_exercise_only_inside_the_gap(exercise: Exercise) -> None:
    stub, solution = text(exercise, "exercises"), text(exercise, "solutions")

    assert len(GAP.findall(stub)) == len(GAP.findall(solution)) > 0
    assert GAP.sub("<gap>", stub) == GAP.sub("<gap>", solution)


@each
def test_every_gap_of_a_stub_raises_and_no_gap_of_a_solution_does(exercise: Exercise) -> None:
    for _, _, body in GAP.findall(text(exercise, "exercises")):
        assert re.search(r'raise NotImplementedError\("\d\d_\w+: ', body)
    for _, _, body in GAP.findall(text(exercise, "solutions")):
        assert "NotImplementedError" not in body


@each
def test_the_size_of_the_gap_is_what_stub_and_catalog_say(exercise: Exercise) -> None:
    gaps = GAP.findall(text(exercise, "solutions"))
    written = sum(
        bool(line.strip()) and not line.strip().startswith("#") for *_, body in gaps for line in body.splitlines()
    )

    assert sum(int(size) for _, size, _ in gaps) == exercise.lines
    assert abs(written - exercise.lines) <= max(2, exercise.lines * 0.35), f"{written} lines are written"


@each
def test_a_statement_has_its_sections_and_ends_with_a_question(exercise: Exercise) -> None:
    statement = ast.get_docstring(ast.parse(text(exercise, "exercises"))) or ""

    assert statement.startswith(f"{exercise.slug[:2]} ")
    for section in ("Write", "Goal", "Size", "Grade"):
        assert re.search(rf"^{section}  ", statement, re.MULTILINE), f"{section} is missing"
    assert f"pytest exercises/{exercise.file}" in statement
    assert statement.rstrip().endswith("?")
    assert "!" not in statement.replace("!=", "")


@each
def test_a_file_stands_alone(exercise: Exercise) -> None:
    for folder in ("exercises", "solutions"):
        for node in ast.walk(ast.parse(text(exercise, folder))):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert {name.split(".")[0] for name in names} <= STAND_ALONE


@each
def test_the_prediction_is_asked_for_where_speed_is_the_point(exercise: Exercise) -> None:
    asks = re.search(r"^PREDICTED_SPEEDUP = None$", text(exercise, "exercises"), re.MULTILINE) is not None

    assert asks == (exercise.speedup_over is not None)
    if exercise.speedup_over not in (None, "python"):
        assert f"{exercise.speedup_over}.py" in BY_FILE


@each
def test_the_size_constants_in_the_catalog_are_in_the_file(exercise: Exercise) -> None:
    for name in exercise.tiles.values():
        assert re.search(rf"^{name}\b.* = ", text(exercise, "exercises"), re.MULTILINE)


@each
def test_case_names_are_unique_and_say_what_they_catch(exercise: Exercise) -> None:
    names = [case.name for case in exercise.cases]

    assert len(set(names)) == len(names) > 0
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in names)
    assert all(len(case.catches.split()) >= 3 for case in exercise.cases)
