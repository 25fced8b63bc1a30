"""The result of grading one whole file, as one object for machines: what `mlk grade --json` prints.

The verdict is a function of the submission's bytes and of what the judge drew and measured; everything in the object
is plain data. `SCHEMA` counts changes of its shape.
"""

import functools
import hashlib
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mlsys_kernels import __version__
from mlsys_kernels.course import catalog
from mlsys_kernels.course.spec import Case, Exercise
from mlsys_kernels.grading.grade import CASE_SECONDS, FileGrader
from mlsys_kernels.grading.verdict import CaseResult, VerdictWord

SCHEMA = 1


@dataclass(frozen=True)
class FileResult:
    """The verdict on one submission, and everything that it rests on. `cause` is None for passed and todo."""

    exercise: str
    sha256: str | None
    verdict: VerdictWord
    cause: str | None
    diagnosis: str | None
    message: str
    points: float
    max_points: int
    not_run: tuple[str, ...]
    cases: tuple[CaseResult, ...]
    isolation: str
    seed: int
    seconds: float
    missing: bool = False
    counted: tuple[str, ...] = ()
    """Names of the cases that are technique checks."""

    def plain(self) -> dict[str, Any]:
        """As dictionaries, lists, strings and numbers."""
        ours = asdict(self)
        del ours["missing"]
        ours["cases"] = [
            {"case": case.case, "verdict": case.verdict, "cause": case.cause, "reason": case.reason,
             "diagnosis": case.message.name or None if case.message else None,
             "hint": case.message.hint if case.message and case.message.name else None,
             "message": case.message.text() if case.message else "", "output": case.output,
             "seconds": round(case.seconds, 4)}
            for case in self.cases
        ]  # fmt: skip
        technique = [
            {"case": case.case, "verdict": case.verdict, **(asdict(case.figure) if case.figure else _UNCOUNTED)}
            for case in self.cases
            if case.case in self.counted
        ]
        del ours["counted"]
        about = {"schema": SCHEMA, "technique": technique, "course": course_hash(), "versions": versions()}
        return ours | about | {"seconds": round(self.seconds, 3), "not_run": list(self.not_run)}


def grade_submission(
    path: Path,
    exercise: Exercise,
    seed: int,
    seconds: float = CASE_SECONDS,
    command: str | None = None,
    progress: Callable[[CaseResult], None] = lambda _result: None,
) -> FileResult:
    """Grade every case of the file at `path`; `progress` hears of each as it is judged.

    Raises:
        GraderFaultError: the grader itself cannot go on.
    """
    start = time.perf_counter()
    results = []
    with FileGrader(path, exercise, seed, seconds, command=command) as grader:
        for case in exercise.cases:
            result = grader.grade(case)
            progress(result)
            results.append(result)
        return summarize(
            exercise,
            results,
            sha256=grader.submission.sha256,
            isolation=grader.isolation,
            seed=seed,
            seconds=time.perf_counter() - start,
            missing=grader.submission.missing,
        )


def summarize(
    exercise: Exercise,
    results: Sequence[CaseResult],
    *,
    sha256: str | None,
    isolation: str,
    seed: int,
    seconds: float,
    missing: bool = False,
) -> FileResult:
    """One result out of those of all cases. A case that has no result on record counts as failed."""
    by_name = {result.case: result for result in results}
    planned = [by_name.get(case.name) or _absent(exercise, case) for case in exercise.cases]
    verdict = standing(planned)
    first = _telling(planned)
    verdict = first.verdict if first else verdict
    not_run = tuple(result.case for result in planned if result.verdict == "not-run")
    counted = tuple(case.name for case in exercise.cases if case.technique)
    technique = [result for result in planned if result.case in counted]
    points = exercise.points.correctness * _share([result for result in planned if result.case not in counted])
    points += exercise.points.technique * _share(technique)
    message = "" if first is None else first.message.text() if first.message else first.reason
    return FileResult(
        exercise=exercise.slug,
        sha256=sha256,
        verdict=verdict,
        cause=first.cause if first else None,
        diagnosis=(first.message.name or None) if first and first.message else None,
        message=message,
        points=round(points, 2),
        max_points=exercise.most_points,
        not_run=not_run,
        cases=tuple(planned),
        isolation=isolation,
        seed=seed,
        seconds=seconds,
        missing=missing,
        counted=counted,
    )


_UNCOUNTED: dict[str, Any] = {"value": None, "bound": None, "unit": None, "told": None}


def _share(results: Sequence[CaseResult]) -> float:
    """The part of the cases that is right, of those that this machine could run."""
    judged = [result for result in results if result.verdict != "not-run"]
    return sum(result.verdict == "passed" for result in judged) / len(judged) if judged else 0.0


def _telling(results: Sequence[CaseResult]) -> CaseResult | None:
    """The failure that says most: a race that was traced, since it can make any case fail; else the first of all.

    Where the first has no known cause, an access outside of an array, if one was found, is the better one to name.
    """
    bad = [result for result in results if result.verdict in ("failed", "error")]
    race = next((result for result in bad if result.cause == "race"), None)
    unknown = bool(bad) and (bad[0].message is None or bad[0].message.name in ("", "unknown"))
    memory = next((result for result in bad if unknown and result.cause in ("out-of-bounds", "undefined-load")), None)
    return race or memory or next(iter(bad), None)


def standing(results: Sequence[CaseResult]) -> VerdictWord:
    """The verdict on a whole file: passed only if every case that this machine can run is passed."""
    first = next((result.verdict for result in results if result.verdict in ("failed", "error")), None)
    if first is not None:
        return first
    words = {result.verdict for result in results}
    return "todo" if "todo" in words else "passed" if "passed" in words else "not-run"


def _absent(exercise: Exercise, case: Case) -> CaseResult:
    return CaseResult(exercise.slug, case.name, "error", "no-answer", reason="there is no result of this case")


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that it is there as a whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def no_result(exercise: str, message: str, *, cause: str, seed: int, isolation: str = "basic") -> dict[str, Any]:
    """The object of a grading that could not take place: the same fields, verdict "error"."""
    empty = FileResult(exercise, None, "error", cause, None, message, 0.0, 0, (), (), isolation, seed, 0.0)
    return empty.plain()


@functools.cache
def course_hash() -> str:
    """A name for the rules of this course: the source of the catalog and of all problems."""
    folder = Path(catalog.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@functools.cache
def versions() -> dict[str, str | None]:
    """What the grading ran on; None for what is not installed."""
    found: dict[str, str | None] = {"mlsys-kernels": __version__, "python": platform.python_version()}
    for name in ("numpy", "numba", "llvmlite", "torch", "triton"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found | {"system": platform.system(), "machine": platform.machine()}
