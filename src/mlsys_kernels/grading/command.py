"""`mlk grade`: one file, one exercise, one verdict, as a JSON object or as text."""

import json
import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlsys_kernels.course.catalog import CATALOG, find_exercise
from mlsys_kernels.grading.available import triton_installed
from mlsys_kernels.grading.grade import fresh_seed, kind_of
from mlsys_kernels.grading.isolation import LEVELS, at_least
from mlsys_kernels.grading.result import FileResult, grade_submission, no_result
from mlsys_kernels.grading.sandbox import GraderFaultError, zygote
from mlsys_kernels.grading.verdict import CaseResult, printable

__all__ = ["LEVELS", "Request", "run"]

PASSED, FAILED, TODO, UNREADABLE, FAULT = 0, 1, 3, 4, 5


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line."""

    file: Path
    exercise: str | None
    seed: int | None
    seconds: float
    isolation: str

    @property
    def command(self) -> str:
        """What a person types to repeat it."""
        name = f" --exercise {shlex.quote(self.exercise)}" if self.exercise else ""
        return f"mlk grade {shlex.quote(str(self.file))}{name}"


def run(request: Request, *, as_json: bool) -> int:
    """Grade, print, and return the exit code; FAULT if nobody can read what is printed."""
    try:
        return _run(request, as_json=as_json)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python fails once more when it ends
        if not isinstance(error, BrokenPipeError):
            print(f"mlk grade: the result cannot be printed: {error.strerror}", file=sys.stderr)
        return FAULT


def _run(request: Request, *, as_json: bool) -> int:
    seed = fresh_seed() if request.seed is None else request.seed
    name = request.exercise or request.file.name
    exercise = find_exercise(name)
    if exercise is None:
        known = ", ".join(each.slug for each in CATALOG)
        told = "" if request.exercise else "; name it with --exercise"
        return _nothing(
            name, f"there is no exercise {name}{told}. There are: {known}", "load-error", seed, UNREADABLE, as_json
        )
    if exercise.needs == "triton" and not triton_installed():
        words = f"{exercise.slug} needs torch and triton: Linux, WSL or the dev container"
        return _nothing(exercise.slug, words, "no-answer", seed, FAULT, as_json)
    try:
        kept = zygote(kind_of(exercise)).isolation
        if not at_least(kept.level, request.isolation):
            words = f"this machine isolates a submission only so far: {kept.text()}; {request.isolation} is required"
            return _nothing(exercise.slug, words, "no-answer", seed, FAULT, as_json)
        show = _silent if as_json else _line
        result = grade_submission(request.file, exercise, seed, request.seconds, request.command, show)
    except GraderFaultError as error:
        return _nothing(exercise.slug, f"the grader cannot go on: {error}", "no-answer", seed, FAULT, as_json)
    except BrokenPipeError:
        raise
    except Exception as error:
        if os.environ.get("MLK_DEBUG"):
            raise
        words = f"the grader is at fault, not the file: {type(error).__name__}: {error} (MLK_DEBUG=1 shows where)"
        return _nothing(exercise.slug, words, "no-answer", seed, FAULT, as_json)
    if as_json:
        _print(result.plain())
    else:
        _tell(result)
    if result.missing:
        return UNREADABLE
    return {"passed": PASSED, "todo": TODO, "not-run": FAULT}.get(result.verdict, FAILED)


def _nothing(exercise: str, message: str, cause: str, seed: int, code: int, as_json: bool) -> int:
    if as_json:
        _print(no_result(exercise, message, cause=cause, seed=seed))
    else:
        print(f"mlk grade: {printable(message)}", file=sys.stderr)
    return code


def _print(plain: dict[str, Any]) -> None:
    print(json.dumps(plain, indent=2, ensure_ascii=True, allow_nan=False), flush=True)


def _silent(_result: CaseResult) -> None:
    return


def _line(result: CaseResult) -> None:
    words = result.cause or result.reason
    print(f"{result.verdict:<8} {result.case}" + (f"  ({printable(words)})" if words else ""), flush=True)


def _tell(result: FileResult) -> None:
    print()
    if result.message:
        print(result.message)
        print()
    earned = f"{result.points:g} of {result.max_points} points"
    passed = sum(case.verdict == "passed" for case in result.cases)
    print(f"{result.exercise}: {result.verdict}" + (f" ({result.cause})" if result.cause else "") + f", {earned}")
    print(f"{passed} of {len(result.cases)} cases passed, {len(result.not_run)} not run; {result.seconds:.1f} s")
    print(f"isolation {result.isolation}; --seed {result.seed} repeats this grading")
