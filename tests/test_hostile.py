"""Files that cheat or break get the right verdict and cause, change nothing, and cost no more than their limit."""

import ast
import re
import runpy
import secrets
import time
from pathlib import Path

import pytest

from mlsys_kernels.course.catalog import find_exercise
from mlsys_kernels.grading.available import triton_installed
from mlsys_kernels.grading.causes import CAUSES
from mlsys_kernels.grading.result import FileResult, grade_submission

FOLDER = Path(__file__).parent / "hostile"
BUILT = runpy.run_path(str(FOLDER.with_name("hostile_built.py")))["BUILT"]
FILES = sorted(FOLDER.glob("*.py"))
SECONDS = 3.0
HEAVY = 20.0
"""Seconds for everything but the limit itself: a loaded machine, starting, compiling."""


def said(source: str) -> dict[str, str]:
    """The lines `Verdict:`, `Cause:`, `Canary:` and `Seconds:` of a file's docstring."""
    statement = ast.get_docstring(ast.parse(source)) or ""
    return dict(re.findall(r"^(Verdict|Cause|Canary|Seconds): (.+)$", statement, re.MULTILINE))


def either(text: str) -> list[str]:
    return [word.strip() for word in text.split("|")]


def everything_in(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file in a folder: its bytes and its mode."""
    return {
        str(path.relative_to(folder)): (path.read_bytes() if path.is_file() else b"", path.lstat().st_mode)
        for path in sorted(folder.rglob("*"))
    }


def judged(path: Path, number: str, seconds: float) -> FileResult:
    exercise = find_exercise(number)
    assert exercise is not None
    if exercise.needs == "triton" and not triton_installed():
        pytest.skip("needs torch and triton")
    return grade_submission(path, exercise, seed=11, seconds=seconds)


def test_there_are_enough_of_them() -> None:
    assert len(FILES) + len(BUILT) >= 60


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_hostile_file_gets_its_verdict_and_changes_nothing(path: Path, tmp_path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    wanted = said(source)
    canary, home = tmp_path / "canary", tmp_path / "submission"
    canary.mkdir()
    home.mkdir()
    secret = secrets.token_hex(16)
    (canary / "canary.txt").write_text("unchanged")
    (canary / "secret.txt").write_text(secret)
    file = home / path.name
    file.write_text(source.replace("CANARY_FOLDER", str(canary)), encoding="utf-8")
    before = everything_in(tmp_path)
    seconds = float(wanted.get("Seconds", SECONDS))
    start = time.monotonic()

    result = judged(file, path.name[:2], seconds)

    assert result.verdict in either(wanted["Verdict"]), result.message
    assert result.cause in either(wanted["Cause"]), result.message
    assert result.cause in CAUSES
    assert result.points < result.max_points
    assert everything_in(tmp_path) == before
    assert secret not in str(result.plain())
    assert time.monotonic() - start < 2 * seconds + HEAVY


@pytest.mark.parametrize("name", BUILT)
def test_bytes_that_are_no_submission_are_a_verdict(name: str, tmp_path: Path) -> None:
    build, verdict, cause = BUILT[name]

    result = judged(build(tmp_path), "01", SECONDS)

    assert result.verdict in either(verdict), result.message
    assert result.cause in either(cause), result.message
