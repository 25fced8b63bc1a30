"""What is timed: the contestants of the CPU ladder, and the sizes at which each of them takes part.

All matrices are square (M = N = K = n), float32, row-major. A contestant's `largest_n` keeps slow code out of the
sizes at which one call of it would take longer than the rest of the run.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mlsys_kernels.course.catalog import CATALOG
from mlsys_kernels.course.spec import Exercise

Role = Literal["solution", "mine", "library", "python"]

PYTHON_N = 64
"""The only size at which plain Python loops are timed: 64^3 multiplications take some 20 ms, 1024^3 over a minute."""
PARALLEL_N = 256
"""The smallest size at which several threads are timed: a smaller product is over before the threads are awake."""
LARGEST_N = 8192
"""Three float32 matrices of this size are 0.8 GB."""


@dataclass(frozen=True)
class Contestant:
    """Something that multiplies matrices: `name` is unique, for instance "mine:06_tiled" or "numpy".

    `exercise` and `path` are None for the baselines. With more than one thread, the name says so: "mine:09_parallel@2".
    """

    name: str
    role: Role
    largest_n: int
    exercise: Exercise | None = None
    path: Path | None = None
    threads: int = 1


@dataclass(frozen=True)
class Pace:
    """How long a duel may take: the seconds for each contestant, and the longest single call that is waited for."""

    budget_s: float
    longest_call_s: float


FULL = Pace(budget_s=0.3, longest_call_s=1.5)
FEW = Pace(budget_s=0.3, longest_call_s=5.0)
"""For rungs asked for by name: there are few contestants, so the slow ones can be waited for."""
QUICK = Pace(budget_s=0.12, longest_call_s=0.5)
FULL_SIZES = "64:2048"
QUICK_SIZES = "64:512"


class BadPlanError(ValueError):
    """What was asked for cannot be timed; the message is one sentence for the person who asked."""


def ladder() -> tuple[Exercise, ...]:
    """The rungs: exercises of the catalog that are about speed on a CPU."""
    return tuple(row for row in CATALOG if row.speedup_over is not None and row.needs != "triton")


def find_rung(text: str) -> Exercise:
    """The rung called `text`: its slug, or the number in front of it.

    Raises:
        BadPlanError: there is no such rung.
    """
    name = text.removesuffix(".py")
    for rung in ladder():
        if name in (rung.slug, rung.slug.split("_")[0]):
            return rung
    known = ", ".join(rung.slug for rung in ladder())
    raise BadPlanError(f"{text} is not a rung of the CPU ladder; the rungs are {known}")


def parse_sizes(text: str) -> tuple[int, ...]:
    """Sizes from "64:1024" (doubling from 64 to 1024) or "64,100,512", in ascending order.

    Raises:
        BadPlanError: the text is neither, or a size is not between 1 and 8192.
    """
    if not re.fullmatch(r"\d{1,6}(:\d{1,6}|(,\d{1,6})*)", text):
        raise BadPlanError(f"sizes are given as 64:1024 (doubling) or as 64,100,512, not as {text!r}")
    if ":" in text:
        first, last = (int(part) for part in text.split(":"))
        sizes = []
        n = first
        while 0 < n <= last:
            sizes.append(n)
            n *= 2
    else:
        sizes = sorted({int(part) for part in text.split(",")})
    if not sizes or sizes[0] < 1 or sizes[-1] > LARGEST_N:
        raise BadPlanError(
            f"sizes must lie between 1 and {LARGEST_N} and not be empty: {text!r} gives {sizes or 'none'}"
        )
    return tuple(sizes)


def contestants(gym: Path, rungs: Iterable[Exercise], torch: bool, cores: int) -> tuple[Contestant, ...]:
    """Everything that is timed for these rungs, the baselines first; files that do not exist are left out.

    Args:
        gym: the folder with exercises/ and solutions/.
        rungs: the rungs asked for; the solution that each is compared with comes along.
        torch: whether torch is installed here.
        cores: how many threads a rung that is about threads may use.
    """
    asked = tuple(rungs)
    below = {rung.speedup_over for rung in asked}
    found = [Contestant("numpy", "library", LARGEST_N)]
    if torch:
        found.append(Contestant("torch", "library", LARGEST_N))
    if "python" in below:
        found.append(Contestant("python", "python", PYTHON_N))
    for row in CATALOG:
        if row in asked or row.slug in below:
            found += _from_file(row, "solution", row.path(gym, "solutions"), cores)
        if row in asked:
            found += _from_file(row, "mine", row.path(gym), cores)
    return tuple(c for c in found if c.path is None or c.path.is_file())


def _from_file(row: Exercise, role: Literal["solution", "mine"], path: Path, cores: int) -> list[Contestant]:
    name = f"{role}:{row.slug}"
    one = Contestant(name, role, row.largest_n, row, path)
    if not row.all_cores or cores < 2:
        return [one]
    return [one, Contestant(f"{name}@{cores}", role, row.largest_n, row, path, cores)]


def takes_part(contestant: Contestant, n: int, sizes: tuple[int, ...]) -> bool:
    """Whether the contestant is timed at size n; plain Python runs at n = 64, or at the largest size below that."""
    if contestant.role == "python":
        return n == max((size for size in sizes if size <= PYTHON_N), default=None)
    return n <= contestant.largest_n and (contestant.threads == 1 or n >= PARALLEL_N)
