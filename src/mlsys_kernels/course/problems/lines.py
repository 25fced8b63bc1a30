"""Technique on the CPU by counting cache lines and pages: loop order, tiles, packed panels.

The file runs with numba's JIT off, on arrays that record every access, through a model of a cache: 64-byte lines, least
recently used first out, fully associative. So the counts are the same on every machine. They depend on the order of
the loops alone, not on what a compiler makes of them.

Bounds come from formulas. FLOATS = 16 float32 fit in a line, so a matrix of R x C has R C / 16 lines. A copy of an
operand, transposed or packed, is allowed everywhere: it fetches at most one line for each element on its worse side.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from mlsys_kernels.course.problems.matmul import expected_product
from mlsys_kernels.course.problems.operands import encode, exact_pair, operand
from mlsys_kernels.course.spec import Call, Case, Counts, Figure, Mistake, Operand, Technique, Tile

FLOATS = 16
"""float32 in a line of 64 bytes."""
LEADING = 1024
"""Elements from one row to the next of a padded operand: every row is a page of its own."""

MOST_SHARE = 0.4
"""Of a parallel call's accesses, on the longest way with 4 threads: that is 2.5 times as fast as one thread."""

Shape = tuple[int, int, int]
Layout = Callable[[np.ndarray[Any, Any]], Operand]


@dataclass(frozen=True)
class Traffic:
    """The counts of one call: `total` of what is bounded, and where most of it comes from."""

    total: int
    array: str
    part: int
    line: int | None
    steps: tuple[str, ...]

    @property
    def origin(self) -> str:
        """Where most of it comes from, and what the learner's loop touches there, in one sentence."""
        share = f"{self.part:,} of them are of {self.array}"
        if self.line is None or not self.steps:
            return share
        return f"{share}, most in line {self.line}, which touches {', '.join(self.steps)}, ... one after the other"


def read(counts: Counts, what: str) -> Traffic:
    """The counts of lines or pages ("lines", "pages") as the tracer gives them."""
    arrays: Sequence[Mapping[str, Any]] = counts["arrays"] or [{"name": "no array", what: 0}]
    most = max(arrays, key=lambda array: int(array[what]))
    busiest: Mapping[str, Any] = counts["busiest"] or {}
    line = busiest.get("line")
    steps = tuple(str(step) for step in busiest.get("steps", ())[:4]) if busiest.get("array") == most["name"] else ()
    return Traffic(int(counts[what]), str(most["name"]), int(most[what]), None if line is None else int(line), steps)


row_major = partial(operand, dtype="float32")
"""A matrix of float32, row after row."""


def unseen(counts: Counts) -> Mistake | None:
    """What is wrong if the answer is right, and yet not every element of an operand was seen to be read."""
    for array in counts["arrays"]:
        loads, elements = int(array["loads"]), int(np.prod(array["shape"]))
        if array["made"] is None and loads < elements:
            what = f"{array['name']} is read in a way that is not seen, so nothing can be counted"
            cause = "what a buffer, a memoryview or np.nditer reads is not seen: read elements by their index"
            return Mistake(what, f"{loads:,} loads of its {elements:,} elements are seen", cause, "not-countable")
    return None


def padded(values: np.ndarray[Any, Any]) -> Operand:
    """A matrix of float32 in rows that lie LEADING elements apart; NaN between them."""
    rows, cols = values.shape
    whole = np.full((rows, LEADING), np.nan)
    whole[:, :cols] = values
    return Operand(encode(whole.ravel(), "float32"), "float32", (rows, cols), (LEADING, 1), 0, "numpy")


def calls(
    rng: np.random.Generator,
    _tile: Tile,
    *,
    shape: Shape,
    sizes: Sequence[Mapping[str, int]],
    layout: Layout = row_major,
) -> tuple[Call, ...]:
    """One product of this shape (M, N, K) for each setting of the file's size constants."""
    m, n, k = shape
    made = []
    for setting in sizes:
        a, b = exact_pair(rng, m, n, k, "float32")
        args = layout(a), layout(b)
        made.append(Call("matmul", args, expected_product(a, b, "float32", args[0].library, exact=True), setting))
    return tuple(made)


def cache(lines: int, pages: int = 16) -> Mapping[str, int | None]:
    """The measures of the model: a cache of so many lines, a TLB of so many pages of 4 KiB."""
    return {"line_bytes": 64, "lines": lines, "ways": None, "page_bytes": 4096, "tlb_entries": pages}


@dataclass(frozen=True)
class Limit:
    """What is bounded: `what` is "lines" or "pages"; `unit` and `name` are how it and its mistake are called.

    `model` says what was multiplied and through which cache, `why` what to look for where there are too many.
    `constant`: the size constant that differs between the first and the second call.
    """

    what: str
    unit: str
    name: str
    bound: int
    model: str
    why: str
    constant: str = "TILE"
    below: tuple[str, int] | None = None
    """The rung below, and what its solution comes to here."""

    def judge(self, counts: Sequence[Counts]) -> tuple[Figure, Mistake | None]:
        """At most `bound` in the first call; a second call, if there is one, with another size, must differ."""
        traffic, hidden = read(counts[0], self.what), unseen(counts[0])
        told = f"{traffic.total:,} {self.unit}, at most {self.bound:,} allowed ({self.model})"
        if self.below is not None and 0 < traffic.total < self.below[1]:
            told += f"; {self.below[0]} comes to {self.below[1]:,}, {self.below[1] / traffic.total:.2g} times as many"
        figure = Figure(traffic.total, self.bound, self.unit, told)
        if hidden is not None:
            return figure, hidden
        if len(counts) > 1 and _unchanged(counts[0], counts[1]):
            what = f"setting {self.constant} changed nothing: the kernel makes the very same accesses with another one"
            numbers = f"{traffic.total:,} {self.unit} with both ({self.model})"
            cause = (
                f"the loops do not use the constant {self.constant}: a number is written out in its place, or "
                "elements are touched in the same order with any"
            )
            return replace(figure, told=what), Mistake(what, numbers, cause, "size-constant-unused")
        if traffic.total <= self.bound:
            return figure, None
        what = f"{traffic.total:,} {self.unit}, and {self.bound:,} are allowed"
        return figure, Mistake(what, f"{self.model}; {traffic.origin}", self.why, self.name)


def _unchanged(one: Counts, other: Counts) -> bool:
    return all(one[key] == other[key] for key in ("lines", "loads", "stores", "pages", "arrays"))


def _case(
    name: str,
    catches: str,
    shape: Shape,
    limit: Limit,
    *,
    lines: int = 48,
    layout: Layout = row_major,
    sizes: Sequence[Mapping[str, int]] = ({},),
) -> Case:
    made = partial(calls, shape=shape, sizes=sizes, layout=layout)
    return Case(name, catches, made, run="traffic", technique=Technique(cache(lines), limit.judge))


def work_shared(shape: Shape, counts: Sequence[Counts]) -> tuple[Figure, Mistake | None]:
    """With 4 threads, the longest way through the call is at most half of all its accesses."""
    loops = counts[0]["parallel"]
    total, longest, most = int(loops["accesses"]), int(loops["longest"]), int(loops["most"])
    share = longest / max(total, 1)
    told = f"with 4 threads the longest way is {share:.1%} of all accesses, at most {MOST_SHARE:.0%} allowed"
    figure = Figure(share, MOST_SHARE, "share of all accesses", told)
    if share <= MOST_SHARE:
        return figure, None
    where = f"{shape[0]} x {shape[1]} x {shape[2]}, TILE = 16"
    if most == 0:
        what, cause = "no loop runs in parallel", "prange is a range unless its function has @njit(parallel=True)"
        return figure, Mistake(what, f"{where}: one thread makes all {total:,} accesses", cause, "iterations-uneven")
    what = f"with 4 threads, the longest way is {share:.1%} of all accesses; {MOST_SHARE:.0%} are allowed"
    cause = "there are fewer iterations than threads, one iteration does most, or much is done outside of prange"
    numbers = f"{where}: iterations of the prange loop with most work: {most}; {longest:,} of {total:,} accesses"
    return figure, Mistake(what, numbers, cause, "iterations-uneven")


def loop_order_bound(m: int, n: int, k: int) -> int:
    """For every row of A, B once, a line per 16 elements; and room for a copy of each matrix, a line per element."""
    return m * n * k // FLOATS + m * k + k * n + m * n


def tiled_bound(m: int, n: int, k: int, tile: int) -> int:
    """For every triple of tiles, the lines of all three tiles once.

    Beside that the three matrices once more, and a copy of B, a line per element.
    """
    triples = -(-m // tile) * -(-n // tile) * -(-k // tile)
    return triples * 3 * tile * -(-tile // FLOATS) + (m * k + k * n + m * n) // FLOATS + k * n


def packed_bound(m: int, n: int, k: int, nr: int, kc: int) -> int:
    """Pages where rows of A and B lie on pages of their own, of which the TLB holds fewer than a panel has rows.

    For each panel of B, its rows once, while they are packed, and the rows of A once for each piece of K: packing B
    alone is enough. Panels and C are dense, and come and go with each panel.
    """
    panels, pieces = -(-n // nr), -(-k // kc)
    return panels * (k + m * pieces) + 4 * panels * pieces


LINES = ("lines", "cache lines moved", "too-many-lines")

LOOP_ORDER = _case(
    "cache_lines",
    "an innermost loop that jumps from row to row, and fetches a line for every element",
    (48, 48, 48),
    Limit(
        *LINES,
        bound=loop_order_bound(48, 48, 48),
        model="48 x 48 x 48, a cache of 32 lines of 64 B",
        why="of each line that is fetched, 1 element of 16 is used before it is pushed out: the innermost loop has to "
        "walk along rows, from one element to the next",
        below=("01", 119_952),
    ),
    lines=32,
)

_TILED: Shape = (64, 48, 32)
_TILED_LINES = 64
"""Three tiles of 16 x 16 float32 are 48 lines; 16 are left for what passes by."""
_TILED_MODEL = f"64 x 48 x 32, a cache of {_TILED_LINES} lines of 64 B, TILE = 16"


def _in_tiles(why: str, below: tuple[str, int] | None = None) -> Case:
    """Lines of a product in tiles; TILE = 96 is more than any side, so no tile at all."""
    limit = Limit(*LINES, bound=tiled_bound(*_TILED, 16), model=_TILED_MODEL, why=why, below=below)
    catches = "a product that fetches all of B again for every row of A"
    return _case("cache_lines", catches, _TILED, limit, lines=_TILED_LINES, sizes=({"TILE": 16}, {"TILE": 96}))


TILED = _in_tiles(
    "three tiles of 16 x 16 float32 fit in this cache; what is fetched for a tile has to be used for the whole tile "
    "before the loops go on",
    below=("04", 6_464),
)

VECTORIZED = _in_tiles(
    "16 rows of b_t, of 32 float32, fit in this cache; they have to serve every row of A before the next 16 do"
)

_SHARED: Shape = (64, 64, 16)

SHARED = Case(
    "shared_work",
    "iterations of prange that leave most threads without work",
    partial(calls, shape=_SHARED, sizes=({"TILE": 16},)),
    run="traffic",
    technique=Technique(cache(48), partial(work_shared, _SHARED)),
)

_PACKED: Shape = (24, 24, 96)

PACKED = _case(
    "pages",
    "operands whose rows are pages apart, walked through again and again",
    _PACKED,
    Limit(
        "pages",
        "pages touched anew",
        "too-many-pages",
        bound=packed_bound(*_PACKED, nr=4, kc=32),
        model=f"24 x 24 x 96, rows of A and B {LEADING} elements apart, a TLB of 16 pages of 4 KiB, MR = NR = 4, "
        "MC = 8, KC = 32",
        why="every row of an operand is a page of its own here; B has to be read once, a panel at a time, into panels "
        "that lie on few pages",
        constant="KC",
        below=("08", 2_341),
    ),
    layout=padded,
    sizes=({"MR": 4, "NR": 4, "MC": 8, "KC": 32}, {"MR": 4, "NR": 4, "MC": 8, "KC": 96}),
)
