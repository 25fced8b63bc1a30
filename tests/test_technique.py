"""Technique is graded by counting: a rung passes its own checks and those below it, and the rung below fails them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlsys_kernels.course.catalog import CATALOG, EXCEPTIONS, find_exercise
from mlsys_kernels.course.problems import lines
from mlsys_kernels.course.spec import Case, Exercise
from mlsys_kernels.grading.available import triton_installed
from mlsys_kernels.grading.channel import ForgedError
from mlsys_kernels.grading.grade import FileGrader
from mlsys_kernels.grading.result import grade_submission
from mlsys_kernels.grading.trust import read_counts
from mlsys_kernels.grading.verdict import CaseResult

ROOT = Path(__file__).parents[1]
CPU = [exercise for exercise in CATALOG if exercise.needs == "numba"]
PRODUCTS = [exercise for exercise in CATALOG if exercise.slug[:2] in ("20", "21", "22", "24")]
"""The Triton rungs with an entry matmul(a, b) whose contracts contain each other."""

needs_triton = pytest.mark.skipif(not triton_installed(), reason="needs torch and triton")


def counted(path: Path, exercise: Exercise) -> dict[str, CaseResult]:
    """The technique checks of an exercise, for one file."""
    with FileGrader(path, exercise, seed=1) as grader:
        return {case.name: grader.grade(case) for case in exercise.technique}


def solution(exercise: Exercise) -> Path:
    return exercise.path(ROOT, "solutions")


def one(number: str) -> Exercise:
    found = find_exercise(number)
    assert found is not None
    return found


LOWER = [(high, low) for ladder in (CPU, PRODUCTS) for at, high in enumerate(ladder) for low in ladder[:at]
         if low.technique and high.problem.entry[-1] == low.problem.entry[-1]]  # fmt: skip


@pytest.mark.parametrize(
    ("high", "low"),
    [pytest.param(*pair, marks=needs_triton if pair[0].needs == "triton" else ()) for pair in LOWER],
    ids=lambda exercise: exercise.slug,
)
def test_a_rung_passes_the_technique_checks_below_it_or_the_catalog_says_why_not(high: Exercise, low: Exercise) -> None:
    verdicts = {name: result.verdict for name, result in counted(solution(high), low).items()}

    assert (set(verdicts.values()) == {"passed"}) != ((high.slug, low.slug) in EXCEPTIONS), verdicts


NEIGHBOURS = [
    ("01", "04", "too-many-lines"),
    ("04", "06", "size-constant-unused"),
    ("06", "07", "scalar-arithmetic"),
    ("07", "08", "too-many-loads"),
    ("08", "09", "iterations-uneven"),
    ("08", "10", "size-constant-unused"),
    ("20", "21", "too-many-bytes"),
    ("22", "24", "too-many-bytes"),
]


@pytest.mark.parametrize(
    ("below", "rung", "name"),
    [pytest.param(*three, marks=needs_triton if three[1] > "2" else ()) for three in NEIGHBOURS],
)
def test_the_rung_below_fails_with_a_name_a_number_and_a_bound(below: str, rung: str, name: str) -> None:
    results = counted(solution(one(below)), one(rung))
    failed = [result for result in results.values() if result.verdict == "failed"]

    assert failed, results
    for result in failed:
        assert result.cause == "technique"
        assert result.message is not None
        assert any(digit.isdigit() for digit in result.message.numbers)
    assert name in {result.message.name for result in failed if result.message}


BELOW = {"04": ("01", 119_952), "06": ("04", 6_464), "10": ("08", 2_341)}


@pytest.mark.parametrize("rung", BELOW)
def test_what_a_pass_is_told_of_the_rung_below_is_what_is_counted_there(rung: str) -> None:
    below, number = BELOW[rung]
    here, there = (next(iter(counted(solution(one(each)), one(rung)).values())).figure for each in (rung, below))

    assert here is not None
    assert there is not None
    assert there.value == number
    assert f"{below} comes to {number:,}, " in here.told


def variant(folder: Path, number: str, **changes: str) -> Path:
    """The solution of an exercise with text replaced, all of which must occur."""
    source = solution(one(number)).read_text(encoding="utf-8")
    for old, new in changes.values():
        assert old in source
        source = source.replace(old, new)
    path = folder / one(number).file
    path.write_text(source, encoding="utf-8")
    return path


def test_a_tile_of_64_that_is_written_out_is_told_that_setting_tile_changes_nothing(tmp_path: Path) -> None:
    path = variant(tmp_path, "06", tile=("TILE)", "64)"), plus=("+ TILE", "+ 64"))  # type: ignore[arg-type]

    result = counted(path, one("06"))["cache_lines"]

    assert result.verdict == "failed"
    assert result.message is not None
    assert result.message.what.startswith("setting TILE changed nothing")


def test_a_bound_is_one_that_no_tile_at_all_would_break() -> None:
    check = replace(one("06").technique[0], calls=lambda rng, tile: lines.calls(
        rng, tile, shape=(64, 48, 32), sizes=({"TILE": 96}, {"TILE": 16})))  # fmt: skip
    with FileGrader(solution(one("06")), one("06"), seed=1) as grader:
        result = grader.grade(check)

    assert (result.verdict, result.cause) == ("failed", "technique")
    assert result.figure is not None
    assert result.figure.value > 2 * result.figure.bound


def test_the_message_says_which_array_which_line_and_what_the_loop_touches() -> None:
    result = counted(solution(one("01")), one("04"))["cache_lines"]

    assert result.message is not None
    assert "of b" in result.message.numbers
    assert "b[0, 0], b[1, 0], b[2, 0]" in result.message.numbers
    assert "line 46" in result.message.numbers


def test_fastmath_true_fails_the_cases_and_the_message_names_the_flags_that_suffice() -> None:
    result = counted(solution(one("06")), one("07"))["vector_code"]

    assert result.message is not None
    assert "fastmath={'reassoc', 'contract'} suffices" in result.message.cause


def test_counts_are_the_same_in_every_grading() -> None:
    exercise = one("06")
    figures = [counted(solution(exercise), exercise)["cache_lines"].figure for _ in range(3)]

    assert figures[0] is not None
    assert figures == [figures[0]] * 3


def test_points_for_technique_come_on_top_of_those_for_right_answers(tmp_path: Path) -> None:
    naive = tmp_path / "04_loop_order.py"
    naive.write_text(solution(one("01")).read_text(encoding="utf-8"), encoding="utf-8")

    result = grade_submission(naive, one("04"), seed=1)

    assert (result.verdict, result.cause, result.diagnosis) == ("failed", "technique", "too-many-lines")
    assert (result.points, result.max_points) == (70, 100)
    (check,) = result.plain()["technique"]
    assert (check["case"], check["verdict"]) == ("cache_lines", "failed")
    assert check["value"] > check["bound"]


def test_technique_of_a_wrong_kernel_is_not_counted(tmp_path: Path) -> None:
    path = variant(tmp_path, "04", wrong=("+= x *", "+= 2 * x *"))  # type: ignore[arg-type]

    result = grade_submission(path, one("04"), seed=1)

    assert result.cause == "wrong-result"
    assert result.plain()["technique"] == [
        {"case": "cache_lines", "verdict": "failed", "value": None, "bound": None, "unit": None, "told": None}
    ]


def test_what_only_compiled_code_understands_is_named_where_it_cannot_be_counted(tmp_path: Path) -> None:
    path = tmp_path / "04_loop_order.py"
    path.write_text(
        "import numpy as np\nfrom numba import njit, types\nfrom numba.extending import intrinsic\n\n"
        "@intrinsic\ndef one(_context, x):\n    return x(x), lambda context, builder, signature, args: args[0]\n\n"
        "@njit\ndef multiply(a, b, c):\n    for i in range(a.shape[0]):\n        for k in range(a.shape[1]):\n"
        "            for j in range(b.shape[1]):\n                c[i, j] += one(a[i, k]) * b[k, j]\n\n"
        "def matmul(a, b):\n    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)\n    multiply(a, b, c)\n    return c\n"
    )

    result = counted(path, one("04"))["cache_lines"]

    assert (result.verdict, result.cause) == ("failed", "technique")
    assert result.message is not None
    assert result.message.name == "not-countable"
    assert "NUMBA_DISABLE_JIT" in result.message.hint


def test_an_operand_that_is_read_where_nobody_sees_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "04_loop_order.py"
    path.write_text(
        "import numpy as np\n\ndef matmul(a, b):\n    rows = memoryview(np.ascontiguousarray(b)).tolist()\n"
        "    b = np.array(rows, a.dtype).reshape(b.shape)\n    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)\n"
        "    for k in range(a.shape[1]):\n        c += a[:, k : k + 1] * b[k]\n    return c\n"
    )
    result = counted(path, one("04"))["cache_lines"]
    judged = one("04").technique[0].technique
    assert judged is not None
    seen = {"name": "b", "shape": [48, 48], "loads": 7, "stores": 0, "lines": 7, "pages": 1, "made": None}
    _, mistake = judged.judge([{"lines": 7, "pages": 1, "arrays": [seen], "busiest": None}])

    assert mistake is not None
    assert (mistake.name, mistake.what.split()[0]) == ("not-countable", "b")
    assert "7 loads of its 2,304 elements" in mistake.numbers
    assert result.verdict in ("passed", "failed")  # a verdict on the file, never a fault of the grader


FORGED: list[Any] = [None, [], {}, {"counts": None}, {"counts": []}, {"counts": {"lines": float("nan")}},
                     {"counts": {"lines": 1e300}}, {"counts": {"deep": [[[[[[[[[[[[[[1]]]]]]]]]]]]]]}}]  # fmt: skip


@pytest.mark.parametrize("reply", FORGED, ids=json.dumps)
def test_counts_that_are_no_plain_finite_data_are_refused(reply: Any) -> None:
    with pytest.raises(ForgedError):
        read_counts(reply if isinstance(reply, dict) else {"counts": reply})


JUDGES = [pytest.param(case, id=f"{exercise.slug}-{case.name}") for exercise in CATALOG for case in exercise.technique]


@pytest.mark.parametrize("case", JUDGES)
@pytest.mark.parametrize(
    "counts", [{}, {"lines": "many"}, {"launches": 3}, {"arrays": [{}]}, {"function": "f"}, {"parallel": {}}], ids=str
)
def test_a_judge_of_counts_that_do_not_fit_raises_what_the_grader_takes_for_forged(
    case: Case, counts: dict[str, Any]
) -> None:
    assert case.technique is not None
    try:
        figure, mistake = case.technique.judge([counts])
    except (LookupError, TypeError, ValueError, ArithmeticError):
        return
    assert mistake is not None, figure
