"""`mlk inspect`: which file, which chip, which options; then print what the compiler made of it.

Exit codes: 0 fine, 1 the compiler (or the chip) refuses or the file raises, 2 wrong usage, 3 todo, 4 the file cannot
be read, 5 this machine cannot, or inspect itself is at fault.
"""

import importlib.util
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mlsys_kernels.course.catalog import CATALOG, find_exercise
from mlsys_kernels.course.files import find_gym, gym_or_package
from mlsys_kernels.course.spec import Exercise
from mlsys_kernels.tracing.inspect_report import as_json, as_text, wrong
from mlsys_kernels.tracing.inspection import Inspection, Options, Variant, compiled, entry_of
from mlsys_kernels.tracing.targets import TARGETS

OK, REFUSED, USAGE, TODO, UNREADABLE, FAULT = range(6)
CODES = {"refused": REFUSED, "raised": REFUSED, "todo": TODO, "unreadable": UNREADABLE, "fault": FAULT}
MOST_VARIANTS = 2
"""What-ifs that fit beside the file as it is."""
LARGEST_OPTION = 1 << 16
OPTIONS = ("num_stages", "num_warps")

Style = Literal["text", "json", "assembly"]


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line, as typed."""

    what: str
    exercise: str | None
    target: str
    what_if: tuple[str, ...]
    seconds: float


class CannotInspectError(Exception):
    """Said to the user as it is, with an exit code."""

    def __init__(self, why: str, code: int) -> None:
        super().__init__(why)
        self.code = code


def run(request: Request, here: Path, style: Style) -> int:
    """Compile and print; return the exit code. KeyboardInterrupt passes through, when nothing runs any more."""
    try:
        inspection = inspection_of(request, here)
    except CannotInspectError as error:
        if style == "json":
            print(json.dumps({"schema": 1, "message": str(error), "variants": []}, indent=2))
        else:
            print(f"mlk inspect: {error}", file=sys.stderr)
        return error.code
    result = compiled(inspection, find_gym(here))
    first = result.variants[0]
    if style == "json":
        print(json.dumps(as_json(result, inspection), indent=2))
    elif not first.kernels:
        print(f"mlk inspect: {wrong(first, inspection)}", file=sys.stderr)
    elif style == "assembly":
        print("\n".join(kernel["assembly"] for kernel in first.kernels))
    else:
        print("\n".join(as_text(result, inspection)))
    return next((code for each in result.variants if (code := _code(each, inspection)) != OK), OK)


def _code(variant: Variant, inspection: Inspection) -> int:
    if variant.failed is not None:
        return CODES[variant.failed]
    return OK if wrong(variant, inspection) is None else REFUSED


def inspection_of(request: Request, here: Path) -> Inspection:
    """What the words on the command line mean; raise CannotInspectError if they mean nothing."""
    target = TARGETS.get(request.target)
    if target is None:
        raise CannotInspectError(f"there is no target {request.target}; there are {', '.join(TARGETS)}", USAGE)
    path, exercise = _file_of(request, here)
    if entry_of(exercise) is None:
        raise CannotInspectError(_no_gpu_code(exercise), USAGE)
    options = tuple(parse_options(text, exercise) for text in request.what_if)
    if len(options) > MOST_VARIANTS:
        raise CannotInspectError(f"at most {MOST_VARIANTS} --what-if fit beside the file as it is", USAGE)
    if not all(importlib.util.find_spec(name) for name in ("torch", "triton")):
        words = f"{exercise.slug} needs torch and triton: Linux, WSL or the dev container. No GPU is needed"
        raise CannotInspectError(words, FAULT)
    try:
        data = path.read_bytes()
        data.decode()
    except UnicodeDecodeError:
        raise CannotInspectError(f"{path} is not a text file in UTF-8", UNREADABLE) from None
    except OSError as error:
        raise CannotInspectError(f"{path} cannot be read: {error.strerror or error}", UNREADABLE) from None
    return Inspection(data, path.name, exercise, target, ({}, *options), request.seconds)


def _file_of(request: Request, here: Path) -> tuple[Path, Exercise]:
    """The file that a number or a path means, and the exercise that it answers."""
    is_path = request.exercise is not None or "/" in request.what or request.what.endswith(".py")
    if is_path and not (here / request.what).exists():
        raise CannotInspectError(f"there is no file {request.what}", UNREADABLE)
    name = request.exercise or request.what
    exercise = find_exercise(name)
    if exercise is None:
        known = ", ".join(each.slug for each in CATALOG if entry_of(each))
        told = "; name it with --exercise" if is_path else ""
        raise CannotInspectError(f"there is no exercise {name}{told}. Those with a kernel: {known}", USAGE)
    return here / request.what if is_path else exercise.path(gym_or_package(here)), exercise


def _no_gpu_code(exercise: Exercise) -> str:
    if exercise.needs == "numba":
        number = exercise.slug.split("_")[0]
        return f"{exercise.slug} runs on the CPU: there is no GPU code. `mlk bench {number}` times it"
    words = f"{exercise.slug} is arithmetic: nothing is compiled. `pytest exercises/{exercise.file}` grades it"
    if exercise.problem.name == "stages":
        words += "; `mlk inspect solutions/21_tiled_dot.py --what-if num_stages=4,num_warps=8` shows what they do"
    return words


def parse_options(text: str, exercise: Exercise) -> Options:
    """Read `num_stages=4,num_warps=8`; the exercise's block sizes can be set too."""
    known = (*OPTIONS, *exercise.tiles.values())
    options: Options = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not name or not value:
            raise CannotInspectError(f"--what-if {text!r} is not like num_stages=4,num_warps=8", USAGE)
        if name not in known:
            raise CannotInspectError(f"--what-if knows no {name}; it knows {', '.join(known)}", USAGE)
        if name in options:
            raise CannotInspectError(f"--what-if {text!r} sets {name} twice", USAGE)
        if not re.fullmatch(r"[0-9]{1,6}", value) or not 1 <= int(value) <= LARGEST_OPTION:
            raise CannotInspectError(f"--what-if {name} is a whole number, 1 to {LARGEST_OPTION:,}; not {value}", USAGE)
        options[name] = int(value)
    return options
