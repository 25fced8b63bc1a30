"""Count what a CPU kernel does to memory: run the file in plain Python and let every access go through a cache model.

The worker calls, in a process of its own, with numba imported and the file at `path` not yet loaded:

    install(path)                                       @njit compiles nothing, prange is range, arrays are counted
    args = [traced(array, name), ...]                   for each array among the arguments
    start(cache)                                        before each call of the file's function
    result = function(*args)
    counts()                                            after it: plain JSON data

Counts are exact and the same on every machine: pieces of memory have addresses of a model, given out page by page in
the order in which they are made, and a freed one is given out again. A strided argument keeps its strides.

What the file raises comes out unchanged; where it uses what plain Python lacks, that says nothing about the file. If
accesses may have gone unseen, `counts()` raises `Uncounted`.

Limits: those of `cache`, `accesses`, `followed` and `counted`. One thread runs, so a parallel kernel is counted as a
serial one. Arrays that neither come from an argument nor from a function of NumPy (np.ndarray(...), memory views,
lists) are not counted: look whether of each argument at least as many elements were loaded as it has. With sets of more
than a page in all (lines / ways * line_bytes), counts also depend on which arrays of earlier calls are alive.
"""

import gc
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.tracing import plain_python
from mlsys_kernels.tracing.accesses import Piece, Walk, log
from mlsys_kernels.tracing.cache import Cache
from mlsys_kernels.tracing.counted import Counted
from mlsys_kernels.tracing.shares import THREADS, Shares

TEMPORARY = "temporary"
"""The name of arrays that the file never gives one."""

_cache = [Cache(1)]
_shares = Shares(lambda: log.total)


class Uncounted(RuntimeError):  # noqa: N818  # it is no error of the file's
    """Some accesses may not have been seen, so the counts would be wrong; the message says why."""


def install(path: str) -> None:
    """Change numba and NumPy in this process for the file at `path`, which is to be loaded next."""
    plain_python.install(path, Counted, plain_python.Parallel(THREADS, _shares.prange), _shares.around)
    log.start(_cache[0])


def traced(array: NDArray[Any], name: str) -> NDArray[Any]:
    """The same array, counted: an argument for the file's functions.

    Args:
        array: any dtype, shape and strides; its memory is shared.
        name: the parameter's name.
    """
    view = array.view(Counted)
    view.memory.piece.name = name
    return view


def start(cache: Cache) -> None:
    """Begin a call, through a cache with these measures that is empty: nothing is counted yet."""
    _cache[0] = cache
    log.start(cache)
    _shares.start()
    gc.disable()  # it would free arrays, and so their addresses, at times that depend on the process


def counts() -> dict[str, Any]:
    """What the call since `start()` did to memory.

    Returns:
        line_bytes, lines_held, ways, page_bytes, pages_held: the model.
        loads, stores: accesses to elements. lines, pages: fetched into the cache and into the TLB.
        arrays: the same four for each array, with its name, the shape it was made with, and the line of the file that
            made it (None for an argument); arrays of one name, made in one line, are summed up.
        busiest: the line of the file that fetches most lines of one array: how many, which share of all; up to 6
            elements that it touches one after the other where it fetches most; the bytes from one to the next (None
            where they differ), and lines fetched per step, on average over the call. None if nothing was fetched.
        misses: for each two-dimensional array, in which of its lines how many fetches were: one row for each row of the
            array, or for each column if "order" says F, and one number for each line of it.
        parallel: how parallel loops share the accesses, see `Shares.report`.

    Raises:
        Uncounted: the file hides accesses.
    """
    gc.enable()
    hidden, replaced = plain_python.unfollowed(), plain_python.replaced()
    if hidden:
        raise Uncounted(f"the file uses {' and '.join(hidden)}: what that touches cannot be counted")
    if replaced:
        raise Uncounted(f"the file replaces {' and '.join(replaced)}: the arrays it makes then cannot be counted")
    log.settle()
    cache, arrays = _cache[0], _arrays()
    model = {"line_bytes": cache.line_bytes, "lines_held": cache.lines, "ways": cache.ways}
    model |= {"page_bytes": cache.page_bytes, "pages_held": cache.tlb_entries}
    total = {what: sum(array.sum(what) for array in arrays) for what in ("loads", "stores", "lines", "pages")}
    flat = [array for array in arrays if len(array.shape) == 2 and array.missed]
    return {
        **model,
        **total,
        "arrays": [array.report() for array in arrays],
        "busiest": _busiest(arrays, total["lines"]),
        "misses": [_map(array, cache.line_bytes) for array in flat],
        "parallel": _shares.report(),
    }


@dataclass
class _Array:
    """All pieces of memory that the file made in one line and calls by one name.

    Attributes:
        name: that name.
        piece: the first of them.
        walks: what was done to all of them, by line of the file.
        missed: how often the element at a place fetched a line, in the pieces like the first one.
    """

    name: str
    piece: Piece
    walks: dict[int, Walk] = field(default_factory=dict)
    missed: Counter[int] = field(default_factory=Counter)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.piece.array[0]

    def sum(self, what: str) -> int:
        return sum(getattr(walk, what) for walk in self.walks.values())

    def report(self) -> dict[str, Any]:
        counted = {what: self.sum(what) for what in ("loads", "stores", "lines", "pages")}
        return {"name": self.name, "shape": list(self.shape), **counted, "made": self.piece.made}

    def add(self, piece: Piece) -> None:
        for line, walk in piece.walks.items():
            mine = self.walks.setdefault(line, Walk())
            for what in ("loads", "stores", "lines", "pages", "steps"):
                setattr(mine, what, getattr(mine, what) + getattr(walk, what))
            alike = piece.array == self.piece.array
            if alike and walk.path and (walk.hottest > mine.hottest or not mine.path):
                mine.hottest, mine.path = walk.hottest, walk.path
        if piece.array == self.piece.array:
            self.missed.update(piece.missed)


def _arrays() -> list[_Array]:
    found: dict[tuple[str, int | None], _Array] = {}
    for piece in log.pieces:
        if piece.walks:
            name = piece.name or TEMPORARY
            found.setdefault((name, piece.made), _Array(name, piece)).add(piece)
    return list(found.values())


def _busiest(arrays: list[_Array], total: int) -> dict[str, Any] | None:
    walks = [(walk.lines, array, line, walk) for array in arrays for line, walk in array.walks.items()]
    if not total:
        return None
    lines, array, line, walk = max(walks, key=lambda each: each[0])
    indices = _indices(array.piece.array, np.array(walk.path, np.int64))
    strides = set(np.diff(walk.path).tolist())
    return {
        "array": array.name,
        "line": line,
        "lines": lines,
        "share": round(lines / total, 4),
        "steps": [f"{array.name}[{', '.join(map(str, index))}]" for index in indices.T.tolist()],
        "step_bytes": strides.pop() if len(strides) == 1 else None,
        "lines_per_step": round(lines / walk.steps, 4),
    }


def _indices(made: tuple[tuple[int, ...], tuple[int, ...], int], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """The index of the elements at these places of a piece, (axes, n), from the array that it was made with."""
    shape, strides, _ = made
    rest, indices = places, np.zeros((len(shape), len(places)), np.int64)
    for axis in sorted(range(len(shape)), key=lambda axis: -abs(strides[axis])):
        if shape[axis] < 2 or strides[axis] == 0:
            continue
        index, rest = np.divmod(rest, abs(strides[axis]))
        indices[axis] = index if strides[axis] > 0 else shape[axis] - 1 - index
    return indices


def _map(array: _Array, line_bytes: int) -> dict[str, Any]:
    (rows, columns), strides, _ = array.piece.array
    by_row = abs(strides[0]) >= abs(strides[1]) or rows < 2
    along, across = (1, 0) if by_row else (0, 1)
    row, column = _indices(array.piece.array, np.array(list(array.missed), np.int64))[[across, along]]
    step = abs(strides[along])
    unit = max(line_bytes, step)
    lines = np.zeros((array.shape[across], 1 + (array.shape[along] - 1) * step // unit), np.int64)
    np.add.at(lines, (row, column * step // unit), list(array.missed.values()))
    return {"array": array.name, "order": "C" if by_row else "F", "shape": [rows, columns], "lines": lines.tolist()}
