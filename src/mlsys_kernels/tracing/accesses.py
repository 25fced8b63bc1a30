"""The accesses of one call, in order: who touched which byte of which piece of memory, and what the cache fetched.

Every piece of memory has two addresses, both at the start of a page. Its address in the log is its own for ever; so an
access is one number. Its address in the modelled machine is given out again when the piece is freed, to the next one
of as many pages, as malloc does. Neither depends on the real addresses of the process.

Limits: an element is touched at its first byte, also where it lies in two lines.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.tracing.cache import Cache, Held

_array = np.array  # here and now: a learner's file may put another in its place

STEPS = 6
"""How many elements in a row a walk shows."""

FULL = 1 << 17
"""How many accesses wait before they go through the cache."""


@dataclass
class Walk:
    """What one line of the file does to one piece of memory.

    Attributes:
        loads: elements read.
        stores: elements written.
        lines: lines fetched.
        pages: pages fetched into the TLB.
        steps: accesses that went to another element than the one before.
        hottest: lines fetched by the STEPS steps in a row that fetched most.
        path: the places of those steps in the piece, in bytes.
    """

    loads: int = 0
    stores: int = 0
    lines: int = 0
    pages: int = 0
    steps: int = 0
    hottest: int = 0
    path: list[int] = field(default_factory=list)

    def follow(self, places: NDArray[np.int64], fetched: NDArray[np.bool_]) -> None:
        """Keep the first stretch of steps that fetches most."""
        total = np.concatenate(([0], np.cumsum(fetched)))
        width = min(STEPS, len(places))
        lines = total[width:] - total[:-width]
        at = int(lines.argmax())
        if lines[at] > self.hottest or not self.path:
            self.hottest, self.path = int(lines[at]), places[at : at + width].tolist()


@dataclass(eq=False)
class Piece:
    """A piece of memory, and what the call did to it.

    Attributes:
        log_address: its address in the log.
        address: its address in the modelled machine.
        size: its bytes, a multiple of a page.
        array: shape, strides, and offset of the first element, of the array that it was made with.
        made: the line of the file that made it, or None.
        name: what the file calls it, as far as that is known.
        call: the call in which it got its address.
        alive: False once no array looks at it any more.
        walks: what was done to it, by line of the file.
        missed: how often the element at a place, in bytes, fetched a line.
    """

    log_address: int
    address: int
    size: int
    array: tuple[tuple[int, ...], tuple[int, ...], int]
    made: int | None
    call: int
    name: str | None = None
    alive: bool = True
    walks: dict[int, Walk] = field(default_factory=dict)
    missed: Counter[int] = field(default_factory=Counter)


class Log:
    """All accesses since `start`; the oldest of them have gone through the cache already.

    Attributes:
        addresses: of the accesses that wait.
        marks: twice the line of the file for each of them, plus 1 if it is a store.
        pieces: in the order in which they were made.
    """

    def __init__(self) -> None:
        self.addresses: list[int] = []
        self.marks: list[int] = []
        self.pieces: list[Piece] = []
        self._call = self._log_end = 0
        self.start(Cache(1))

    def start(self, cache: Cache) -> None:
        """Forget all accesses, empty the cache, and move what is still alive to the lowest addresses."""
        self.cache = cache
        self._lines, self._pages = Held(cache.lines, cache.ways), Held(cache.tlb_entries)
        self.addresses.clear()
        self.marks.clear()
        self._call += 1
        self._end = self._settled = 0
        self._freed: dict[int, list[int]] = {}
        self.pieces = [piece for piece in self.pieces if piece.alive]
        for piece in self.pieces:
            piece.call, piece.address = self._call, self._address(piece.size)
            piece.walks, piece.missed = {}, Counter()

    def place(self, size: int, array: tuple[tuple[int, ...], tuple[int, ...], int], made: int | None) -> Piece:
        """A new piece of at least `size` bytes."""
        page = self.cache.page_bytes
        size = -(-max(size, 1) // page) * page
        piece = Piece(self._log_end, self._address(size), size, array, made, self._call)
        self._log_end += size
        self.pieces.append(piece)
        return piece

    def free(self, piece: Piece) -> None:
        """The piece is no longer used: its address may be given out again."""
        piece.alive = False
        if piece.call == self._call:
            self._freed.setdefault(piece.size, []).append(piece.address)

    def touch(self, addresses: list[int], marks: list[int]) -> None:
        """Add accesses, in order."""
        self.addresses += addresses
        self.marks += marks
        if len(self.marks) > FULL:
            self.settle()

    @property
    def total(self) -> int:
        """How many accesses there were since `start`."""
        return self._settled + len(self.marks)

    def settle(self) -> None:
        """Let the accesses that wait go through the cache."""
        if not self.marks:
            return
        self._settled += len(self.marks)
        at, marks = _array(self.addresses, np.int64), _array(self.marks, np.int64)
        self.addresses.clear()
        self.marks.clear()
        starts = _array([piece.log_address for piece in self.pieces])
        which = np.searchsorted(starts, at, "right") - 1
        place = at - starts[which]
        address = place + _array([piece.address for piece in self.pieces])[which]
        missed = self._lines.fetched(address // self.cache.line_bytes)
        walked = self._pages.fetched(address // self.cache.page_bytes)
        order = np.lexsort(
            (marks // 2, which)
        )  # stable: accesses of one line of the file to one piece keep their order
        self._sum_up(which[order], marks[order], place[order], missed[order], walked[order])

    def _sum_up(self, which: Any, marks: Any, place: Any, missed: Any, walked: Any) -> None:
        line, store = marks // 2, marks % 2
        begins = np.flatnonzero((np.diff(which, prepend=-1) != 0) | (np.diff(line, prepend=-1) != 0))
        moved = np.diff(place, prepend=-1) != 0
        moved[begins] = True
        sums = np.add.reduceat(np.stack((1 - store, store, missed, walked, moved)), begins, axis=1).T.tolist()
        ends = [*begins[1:].tolist(), len(line)]
        for begin, end, (loads, stores, lines, pages, steps) in zip(begins.tolist(), ends, sums, strict=True):
            piece = self.pieces[which[begin]]
            walk = piece.walks.setdefault(int(line[begin]), Walk())
            walk.loads += loads
            walk.stores += stores
            walk.lines += lines
            walk.pages += pages
            walk.steps += steps
            if lines:
                here = slice(begin, end)
                walk.follow(place[here][moved[here]], missed[here][moved[here]])
                piece.missed.update(place[here][missed[here]].tolist())

    def _address(self, size: int) -> int:
        freed = self._freed.get(size)
        if freed:
            return freed.pop()
        self._end += size
        return self._end - size


log = Log()
