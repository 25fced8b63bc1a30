"""A cache that keeps the lines used last: which accesses find their line, and which have to fetch it.

A line is known by its number: its address divided by the bytes of a line. A cache of `ways` ways is divided into sets;
a line can lie only in set number % sets, and there it takes the place of the line that was not used for longest (LRU).
With ways None there is one set: any line may lie anywhere. A TLB is the same thing with pages for lines.

Limits: one level, no prefetching; a store fetches its line as a load does; what is written back is not counted.
"""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_arange, _zeros = np.arange, np.zeros  # here and now: a learner's file may put others in their place


@dataclass(frozen=True)
class Cache:
    """The sizes of a cache and of its TLB.

    Args:
        lines: how many lines it holds, a multiple of `ways`.
        ways: lines of a set; None for one set of all lines.
        tlb_entries: how many pages the TLB holds, any of them anywhere.
        line_bytes: bytes of a line.
        page_bytes: bytes of a page, a multiple of `line_bytes`.

    Raises:
        ValueError: a size below 1, or one that is not the multiple it must be.
    """

    lines: int
    ways: int | None = None
    tlb_entries: int = 16
    line_bytes: int = 64
    page_bytes: int = 4096

    def __post_init__(self) -> None:
        ways = self.lines if self.ways is None else self.ways
        if min(self.lines, ways, self.tlb_entries, self.line_bytes, self.page_bytes) < 1:
            raise ValueError(f"every size of a cache is at least 1, not {self}")
        if self.lines % ways or self.page_bytes % self.line_bytes:
            raise ValueError(f"lines are a multiple of ways, and a page is one of lines, not {self}")


class Held:
    """What a cache holds now.

    Args:
        entries: how many lines, or pages.
        ways: entries of a set; None for one set of all.
    """

    def __init__(self, entries: int, ways: int | None = None) -> None:
        self._ways = entries if ways is None else ways
        self._sets: list[OrderedDict[int, None]] = [OrderedDict() for _ in range(entries // self._ways)]

    def fetched(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Touch lines one after the other; return which of the accesses had to fetch theirs.

        Args:
            numbers: (n,) numbers of lines, int64, in the order of the accesses.

        Returns:
            (n,) bool.
        """
        fetched = _zeros(len(numbers), np.bool_)
        moves = _without_repeats(numbers, self._ways)
        misses: list[int] = []
        sets, count, ways, missed = self._sets, len(self._sets), self._ways, misses.append
        for at, number in zip(moves.tolist(), numbers[moves].tolist(), strict=True):
            held = sets[number % count]
            if number in held:
                held.move_to_end(number)
                continue
            missed(at)
            if len(held) == ways:
                held.popitem(last=False)
            held[number] = None
        fetched[misses] = True
        return fetched


def _without_repeats(numbers: NDArray[np.int64], ways: int) -> NDArray[np.int64]:
    """Where the accesses are that can change what is held, or the order in which it was used last.

    A few lines in turn, no more than `ways`, and the same lines again in the same order: they are all there still, and
    their order is the same. Most accesses of most kernels are such repeats, and need not be looked at one by one.
    """
    moves = _arange(len(numbers))
    for period in range(1, min(4, ways) + 1):
        now = numbers[moves]
        same = np.concatenate(([0], now[period:] == now[:-period], [0])).astype(np.int8)
        edges = np.flatnonzero(np.diff(same))
        begins, ends = edges[::2], edges[1::2]
        repeats = (ends - begins) // period * period
        inside = _zeros(len(now) + 1, np.int64)
        np.add.at(inside, begins + period, 1)
        np.add.at(inside, begins + period + repeats, -1)
        moves = moves[np.cumsum(inside[:-1]) == 0]
    return moves
