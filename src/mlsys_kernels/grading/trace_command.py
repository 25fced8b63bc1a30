"""`mlk trace`: run a kernel once, small and counted, and draw what it does to memory.

The file runs as in grading: in a confined worker, limited, and its answer must be right, or else the picture would be
of some other computation. CPU rungs run with numba's JIT off, Triton rungs in the interpreter.

Exit codes: 0 fine, 1 the answer is wrong or there is none, 2 wrong usage, 3 todo, 4 the file cannot be read, 5 this
machine cannot, or trace itself is at fault.
"""

import json
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from mlsys_kernels.course.catalog import CATALOG, find_exercise
from mlsys_kernels.course.files import gym_or_package
from mlsys_kernels.course.spec import Case, Counts, Exercise, Figure, Mistake, Technique, Tile
from mlsys_kernels.grading.grade import FileGrader, fresh_seed
from mlsys_kernels.grading.sandbox import GraderFaultError
from mlsys_kernels.grading.trace_calls import NO_KERNEL, made, model
from mlsys_kernels.grading.verdict import CaseResult, printable
from mlsys_kernels.tracing.cpu_picture import cpu_picture
from mlsys_kernels.tracing.picture import Picture
from mlsys_kernels.tracing.picture_text import lines
from mlsys_kernels.tracing.svg import svg
from mlsys_kernels.tracing.triton_picture import triton_picture

OK, FAILED, USAGE, TODO, UNREADABLE, FAULT = range(6)
CODES = {"passed": OK, "todo": TODO, "not-run": FAULT}
NARROWEST = 20
"""Columns below which lines are as wide as if there were so many."""


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line."""

    what: str
    exercise: str | None
    svg: Path | None
    seconds: float


class CannotTraceError(Exception):
    """Said to the user as it is, with an exit code."""

    def __init__(self, why: str, code: int) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True)
class Traced:
    """A verdict on the small case; if it is right, the counts of its one call and their picture."""

    result: CaseResult
    call: str
    counts: Counts | None
    picture: Picture | None


def run(request: Request, here: Path, *, as_json: bool) -> int:
    """Trace, print, write; return the exit code. KeyboardInterrupt passes through, when nothing runs any more."""
    try:
        return _run(request, here, as_json=as_json)
    except CannotTraceError as error:
        words, code = str(error), error.code
    except GraderFaultError as error:
        words, code = f"the grader cannot go on: {error}", FAULT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python fails once more when it ends
        return FAULT
    except Exception as error:
        if os.environ.get("MLK_DEBUG"):
            raise
        words = f"trace is at fault, not the file: {type(error).__name__}: {error} (MLK_DEBUG=1 shows where)"
        code = FAULT
    if as_json:
        _print({"schema": 1, "verdict": None, "message": words, "counts": None})
    else:
        print(f"mlk trace: {printable(words)}", file=sys.stderr)
    return code


def _run(request: Request, here: Path, *, as_json: bool) -> int:
    path, exercise = _file_of(request, here)
    target = None if request.svg is None else here / request.svg
    if target is not None and (target.is_dir() or not target.parent.is_dir()):
        why = "is a folder; --svg names a file" if target.is_dir() else "cannot be written: there is no such folder"
        raise CannotTraceError(f"{request.svg} {why}", USAGE)
    # The name is said as it was typed, or as it is from here.
    shown = str(path.relative_to(here) if path.is_relative_to(here) else path)
    traced = trace(path, exercise, fresh_seed(), request.seconds, shown, f"mlk trace {shlex.quote(request.what)}")
    if traced.picture is not None and target is not None:
        _write(traced.picture, target, str(request.svg))
    if as_json:
        message = traced.result.message.text() if traced.result.message else traced.result.reason
        told = None if traced.picture is not None else message
        _print({"schema": 1, "exercise": exercise.slug, "call": traced.call, "verdict": traced.result.verdict,
                "message": told, "counts": traced.counts})  # fmt: skip
    else:
        _tell(traced, exercise, shown)
        if traced.picture is not None and request.svg is not None:
            print(f"written: {request.svg}")
    return CODES.get(traced.result.verdict, FAILED)


def trace(path: Path, exercise: Exercise, seed: int, seconds: float, shown: str, command: str) -> Traced:
    """Run the file's function once, and draw what it did.

    Args:
        path: the file.
        exercise: what it answers; one with a kernel.
        seed: decides the values of the operands, which the picture does not depend on.
        seconds: CPU seconds that it may take.
        shown: how messages call the file.
        command: what repeats this.

    Raises:
        CannotTraceError: the file cannot be read.
        GraderFaultError: there is no worker to be had.
    """
    case = case_of(exercise)
    call = case.calls(np.random.default_rng(seed), Tile())[0]
    sizes = "".join(f", {name} = {value}" for name, value in call.sizes.items())
    with FileGrader(path, exercise, seed, seconds, shown, command) as grader:
        if grader.submission.missing and grader.submission.refusal is not None:
            raise CannotTraceError(f"{shown}: {grader.submission.refusal.what}", UNREADABLE)
        result = grader.grade(case)
        if result.verdict != "passed":
            return Traced(result, call.text, None, None)
        counts = grader.counts()[0]
    return Traced(result, call.text, counts, _picture(exercise, counts, f"{shown}: {call.text}{sizes}"))


def case_of(exercise: Exercise) -> Case:
    """The small case whose accesses are drawn.

    Raises:
        CannotTraceError: the exercise has no kernel; the message says what to look at instead.
    """
    if exercise.slug in NO_KERNEL:
        raise CannotTraceError(f"{exercise.slug} {NO_KERNEL[exercise.slug]}", USAGE)
    judge = partial(_drawn, exercise)
    return Case("trace", "a picture of the accesses", partial(made, exercise), run="traffic",
                technique=Technique(model(exercise), judge))  # fmt: skip


def _drawn(exercise: Exercise, counts: Sequence[Counts]) -> tuple[Figure, Mistake | None]:
    """Every kernel passes whose counts can be drawn; for others the grader has a verdict."""
    _picture(exercise, counts[0], "")
    return Figure(0, 0, "", ""), None


def _picture(exercise: Exercise, counts: Counts, title: str) -> Picture:
    return triton_picture(counts, title) if exercise.needs == "triton" else cpu_picture(counts, title)


def _file_of(request: Request, here: Path) -> tuple[Path, Exercise]:
    """The file that a number or a path means, and the exercise that it answers."""
    is_path = request.exercise is not None or "/" in request.what or request.what.endswith(".py")
    name = request.exercise or request.what
    exercise = find_exercise(name)
    if exercise is None:
        known = ", ".join(each.slug for each in CATALOG if each.slug not in NO_KERNEL)
        told = "" if request.exercise or not is_path else "; name it with --exercise"
        raise CannotTraceError(f"there is no exercise {name}{told}. Those with a kernel: {known}", USAGE)
    return here / request.what if is_path else exercise.path(gym_or_package(here)), exercise


def _write(picture: Picture, target: Path, shown: str) -> None:
    try:
        target.write_text(svg(picture), encoding="utf-8")
    except OSError as error:
        raise CannotTraceError(f"{shown} cannot be written: {error.strerror or error}", USAGE) from None


def _tell(traced: Traced, exercise: Exercise, shown: str) -> None:
    result = traced.result
    if traced.picture is not None:
        _show(traced.picture)
    elif result.message is not None:
        print(f"{result.verdict}: there is no picture of a kernel without the right answer\n\n{result.message.text()}")
        print(f"        pytest {shlex.quote(shown)} grades all of {exercise.slug}")
    else:
        print(f"mlk trace: {printable(shown)}: {printable(result.reason)}", file=sys.stderr)


def _show(picture: Picture) -> None:
    console = Console()
    colours = console.color_system is not None and not console.no_color and console.encoding.startswith("utf")
    for line in lines(picture, max(console.width, NARROWEST), "colour" if colours else "shades"):
        console.print(line, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)


def _print(plain: dict[str, Any]) -> None:
    print(json.dumps(plain, indent=2, ensure_ascii=True, allow_nan=False), flush=True)
