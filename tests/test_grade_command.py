"""`mlk grade`: one JSON object whatever happens, exit codes, and the same verdict again with the same seed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlsys_kernels.course.catalog import BY_FILE
from mlsys_kernels.grading.causes import CAUSES
from mlsys_kernels.grading.result import standing, summarize
from mlsys_kernels.grading.verdict import CaseResult

MLK = Path(sys.executable).with_name("mlk")
ROOT = Path(__file__).parents[1]
RIGHT = """
import numpy as np

def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k:k + 1] * b[k]
    return c
"""
WRONG = RIGHT.replace("range(a.shape[1])", "range(a.shape[1] // 4 * 4)")
STUB = "def matmul(a, b):\n    raise NotImplementedError('todo')\n"
FIELDS = {"exercise", "sha256", "verdict", "cause", "diagnosis", "message", "points", "max_points", "not_run", "cases",
          "technique", "isolation", "seed", "course", "versions", "seconds", "schema"}  # fmt: skip


def grade(path: Path, *options: str, cores: int | None = None, uid: int | None = None) -> tuple[int, dict[str, Any]]:
    """Run the command; its exit code and its one JSON object."""

    def before() -> None:
        if cores is not None:
            os.sched_setaffinity(0, set(range(cores)))

    done = subprocess.run(
        [MLK, "grade", path, "--json", *options], cwd=path.parent, capture_output=True, text=True, timeout=300,
        check=False, preexec_fn=before, user=uid, env=os.environ | {"HOME": str(path.parent)},
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout, parse_constant=lambda name: pytest.fail(f"not JSON: {name}"))


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    path = tmp_path / "a stranger's file.py"
    path.write_text(RIGHT)
    return path


@pytest.mark.parametrize(
    ("source", "code", "verdict", "cause", "diagnosis"),
    [(RIGHT, 0, "passed", None, None), (WRONG, 1, "failed", "wrong-result", "tail-of-k"), (STUB, 3, "todo", None, None),
     ("import os\nos._exit(0)\n", 1, "error", "crash", "crash")],
)  # fmt: skip
def test_every_verdict_is_one_json_object_with_its_exit_code(
    submission: Path, source: str, code: int, verdict: str, cause: str | None, diagnosis: str | None
) -> None:
    submission.write_text(source)

    exit_code, result = grade(submission, "--exercise", "01_naive")

    assert (exit_code, result["verdict"], result["cause"], result["diagnosis"]) == (code, verdict, cause, diagnosis)
    assert set(result) == FIELDS
    assert {case["case"] for case in result["cases"]} == {case.name for case in BY_FILE["01_naive.py"].cases}
    assert result["max_points"] == 70
    assert (result["points"] == 70) == (verdict == "passed")
    assert {case["cause"] for case in result["cases"]} <= {*CAUSES, None}


@pytest.mark.parametrize("exercise", ["01_nave", "", "99", "../01_naive2"])
def test_an_exercise_that_does_not_exist_is_exit_code_4_and_still_json(submission: Path, exercise: str) -> None:
    code, result = grade(submission, "--exercise", exercise)

    assert code == 4
    assert set(result) == FIELDS
    assert result["verdict"] == "error"
    assert "01_naive" in result["message"]


def test_a_file_that_is_not_there_is_exit_code_4_and_still_json(tmp_path: Path) -> None:
    code, result = grade(tmp_path / "missing.py", "--exercise", "01")

    assert (code, result["cause"]) == (4, "load-error")


@pytest.mark.parametrize("options", [["--case-seconds", "0"], ["--case-seconds", "nan"], ["--seed", "-1"],
                                     ["--require-isolation", "titanium"], ["--no-such-option"]])  # fmt: skip
def test_an_option_that_makes_no_sense_is_exit_code_2(submission: Path, options: list[str]) -> None:
    done = subprocess.run([MLK, "grade", submission, "--exercise", "01", *options], capture_output=True, check=False)

    assert done.returncode == 2


def verdicts(result: dict[str, Any]) -> list[tuple[str, str, str | None, str]]:
    """What must be the same again: everything but the times."""
    return [(case["case"], case["verdict"], case["cause"], case["message"]) for case in result["cases"]]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs Linux")
def test_the_same_seed_gives_the_same_verdict_on_one_core_and_on_two(submission: Path) -> None:
    submission.write_text(WRONG)
    _, first = grade(submission, "--exercise", "01", "--seed", "7", cores=1)
    _, again = grade(submission, "--exercise", "01", "--seed", "7", cores=min(2, os.cpu_count() or 1))

    assert verdicts(first) == verdicts(again)
    assert (first["sha256"], first["course"]) == (again["sha256"], again["course"])


def test_nothing_beside_the_file_is_read_or_changed(submission: Path) -> None:
    for name in ("conftest.py", "sitecustomize.py", "numpy.py", "__init__.py"):
        (submission.parent / name).write_text("raise SystemExit('never')")
    (submission.parent / "pyproject.toml").write_text("[tool.pytest]\nmlsys_gym = true\n")
    before = {path.name for path in submission.parent.iterdir()}

    code, _ = grade(submission, "--exercise", "01")

    assert code == 0
    assert {path.name for path in submission.parent.iterdir()} - before <= {".cache"}  # HOME is this folder here


def test_a_case_without_a_result_on_record_is_no_pass() -> None:
    exercise = BY_FILE["01_naive.py"]
    all_but_one = [CaseResult(exercise.slug, case.name, "passed") for case in exercise.cases[1:]]

    result = summarize(exercise, all_but_one, sha256="x", isolation="strong", seed=1, seconds=0.0)

    assert (result.verdict, result.cause) == ("error", "no-answer")
    assert result.points < result.max_points
    assert standing([]) == "not-run"
