"""What the programs of one launch load from one tensor and store to it, element by element.

Elements are numbered from the tensor's first one, as they lie in memory. Bytes are those of the elements that lanes
ask for. *Unique* bytes are those of the elements asked for at least once: what must come from memory if nothing is
fetched twice, the compulsory traffic. A *sector* is 32 bytes, the least that a GPU's memory hands out; the lanes of a
block are taken 32 at a time, and each such warp needs every sector that one of its lanes touches, once. Sectors begin
at the tensor's first byte, wherever torch has put it. Lanes go along the last axis of a block; in one of two axes whose
elements lie side by side down the columns only, along the first, as Triton's compiler gives them out.

Limits: the compiler may give several elements to a lane: 32 lanes side by side then load 512 bytes at once, not 128,
in as many sectors per byte. It may also know less of the addresses than is seen here, and leave such columns alone. An
access that is narrower than the tensor's elements counts as the whole element among the unique ones.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.tracing.launch import Addresses, Touch
from mlsys_kernels.tracing.views import View

SECTOR = 32
"""Bytes: NVIDIA, CUDA C++ Best Practices Guide, https://docs.nvidia.com/cuda/cuda-c-best-practices-guide."""

WARP = 32
"""Lanes of one load instruction."""


@dataclass
class Direction:
    """Traffic one way: what is loaded, or what is stored.

    Attributes:
        elements: lanes that asked for one.
        bytes: what they asked for.
        sectors: what a GPU's memory moves for that.
        lanes: byte offsets of the first 32 lanes in the first access of the program with the lowest number.
    """

    elements: int = 0
    bytes: int = 0
    sectors: int = 0
    lanes: list[int | None] | None = None
    _lowest: int = 0

    def note(self, touch: Touch, addresses: Addresses, chosen: Any, view: View, program: int) -> None:
        """One access of a program; `addresses` are the `chosen` ones of the touch, which lie in `view`."""
        self.elements += addresses.size
        self.bytes += addresses.size * touch.item
        lanes = _lane_numbers(touch, addresses, chosen)
        self.sectors += _sectors(lanes, addresses, view)
        if self.lanes is None or program < self._lowest:
            self._lowest, self.lanes = program, _first_lanes(lanes, addresses, touch, view)

    def plain(self, name: str, unique: int) -> dict[str, Any]:
        """As JSON data; `unique` in bytes, `name` is loaded or stored."""
        return {
            {"loaded": "loads", "stored": "stores"}[name]: self.elements,
            f"bytes_{name}": self.bytes,
            f"unique_bytes_{name}": unique,
        }


@dataclass
class TensorTraffic:
    """The traffic of one tensor during one launch.

    Attributes:
        view: where its elements lie.
        is_input: whether a store to it would be a fault.
        loaded: traffic out of it.
        stored: traffic into it; an atomic is both.
        masked: lanes of accesses to it that a mask switched off.
        atomics: elements that were updated by an atomic.
        reads: how often each element was loaded, only if that was asked for.
        writes: how often each was stored; None as long as none was.
        writer: number of the program that stored it last, -1 for none; only together with `reads`.
    """

    view: View
    is_input: bool
    reads: NDArray[np.int32] | None = None
    loaded: Direction = field(default_factory=Direction)
    stored: Direction = field(default_factory=Direction)
    masked: int = 0
    atomics: int = 0
    writes: NDArray[np.int32] | None = None
    writer: NDArray[np.int32] | None = None
    _in_wave: dict[int, NDArray[np.bool_]] = field(default_factory=dict)
    _ever: NDArray[np.bool_] | None = None

    def note(self, touch: Touch, chosen: Any, program: int, wave: int) -> None:
        """A program of a wave touches the elements at the `chosen` addresses of `touch`."""
        addresses = touch.addresses[chosen]
        at = _elements(addresses, touch.item, self.view)
        if touch.access in ("load", "atomic"):
            self.loaded.note(touch, addresses, chosen, self.view, program)
            if wave not in self._in_wave:
                self._in_wave[wave] = np.zeros(self.view.span, np.bool_)
            self._in_wave[wave][at] = True
            if self.reads is not None:
                np.add.at(self.reads, at, 1)
        if touch.access in ("store", "atomic"):
            self.stored.note(touch, addresses, chosen, self.view, program)
            if self.writes is None:
                self.writes = np.zeros(self.view.span, np.int32)
            np.add.at(self.writes, at, 1)
            if self.reads is not None:
                if self.writer is None:
                    self.writer = np.full(self.view.span, -1, np.int32)
                self.writer[at] = program
        if touch.access == "atomic":
            self.atomics += addresses.size

    def end_wave(self, wave: int) -> int:
        """No program of this wave comes any more; return how many unique bytes it has loaded from this tensor."""
        seen = self._in_wave.pop(wave, None)
        if seen is None:
            return 0
        if self._ever is None:
            self._ever = seen
        else:
            self._ever |= seen
        return int(np.count_nonzero(seen)) * self.view.item

    def unique_loaded(self) -> int:
        """Bytes of the elements that were loaded at least once, in waves that have ended."""
        return 0 if self._ever is None else int(np.count_nonzero(self._ever)) * self.view.item

    def unique_stored(self) -> int:
        """Bytes of the elements that were stored at least once."""
        return 0 if self.writes is None else int(np.count_nonzero(self.writes)) * self.view.item

    def plain(self) -> dict[str, Any]:
        """As JSON data; every wave has ended. The shares are None where nothing was moved."""
        unique, sectors = self.unique_loaded(), self.loaded.sectors + self.stored.sectors
        moved = self.loaded.bytes + self.stored.bytes
        writes = np.zeros(0, np.int32) if self.writes is None else self.writes
        return {
            "name": self.view.name[:40],
            "is_input": self.is_input,
            "shape": list(self.view.shape[:8]),
            "itemsize": self.view.item,
            **self.loaded.plain("loaded", unique),
            **self.stored.plain("stored", self.unique_stored()),
            "atomics": self.atomics,
            "redundancy": self.loaded.bytes / unique if unique else None,
            "masked_lanes": self.masked,
            "sectors_loaded": self.loaded.sectors,
            "sectors_stored": self.stored.sectors,
            "sector_efficiency": moved / (SECTOR * sectors) if sectors else None,
            "written_twice": int(np.count_nonzero(writes > 1)),
            "never_written": self._elements_of_its_own() - int(np.count_nonzero(writes)),
        }

    def _elements_of_its_own(self) -> int:
        """Of the memory from its first to its last element, what is not a gap."""
        if not self.view.has_gaps:
            return self.view.span
        moving = zip(self.view.shape, self.view.strides, strict=True)
        return int(np.prod([size for size, stride in moving if stride > 0]))


def _elements(addresses: Addresses, item: int, view: View) -> NDArray[np.int64]:
    at = (addresses - view.base) // view.item
    if item <= view.item:
        return at
    return (at[:, None] + np.arange(item // view.item)).ravel()  # read through a pointer to a wider type


def _lane_numbers(touch: Touch, addresses: Addresses, chosen: Any) -> NDArray[np.int64]:
    """Which lane asks for each address: the last axis moves fastest, or the first where only that is contiguous."""
    whole = addresses.size == touch.lanes.size
    lanes = _count_up(addresses.size) if whole else np.flatnonzero(touch.lanes)[chosen]
    if touch.lanes.ndim != 2 or lanes.size < 2:
        return lanes
    rows, columns = touch.lanes.shape
    below = int(np.searchsorted(lanes, lanes[0] + columns))  # the lane below the first one, if it is on
    right = lanes[1] == lanes[0] + 1 and abs(addresses[1] - addresses[0]) == touch.item
    if right or below == lanes.size or lanes[below] != lanes[0] + columns:
        return lanes
    down = abs(addresses[below] - addresses[0]) == touch.item
    return lanes % columns * rows + lanes // columns if down else lanes


@lru_cache(8)
def _count_up(lanes: int) -> NDArray[np.int64]:
    return np.arange(lanes)


def _sectors(lanes: NDArray[np.int64], addresses: Addresses, view: View) -> int:
    """Pairs of a warp and a sector that it touches."""
    pairs = lanes // WARP * (view.span * view.item // SECTOR + 1) + (addresses - view.base) // SECTOR
    steps = np.diff(pairs)
    if steps.size == 0 or steps.min() >= 0:  # mostly; sorting would take as long as all the rest
        return int(np.count_nonzero(steps)) + min(1, pairs.size)
    return int(np.unique(pairs).size)


def _first_lanes(lanes: NDArray[np.int64], addresses: Addresses, touch: Touch, view: View) -> list[int | None]:
    """Byte offset of each of the first 32 lanes of the block from the tensor's start; None for a lane that is off."""
    first = lanes < WARP
    offsets = dict(zip(lanes[first].tolist(), (addresses[first] - view.base).tolist(), strict=True))
    return [offsets.get(lane) for lane in range(min(WARP, touch.lanes.size))]
