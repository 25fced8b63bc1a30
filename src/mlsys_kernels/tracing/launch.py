"""One launch of a kernel: the memory of its arguments, who touched what, and whether an access is one it may make."""

import ctypes
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.tracing.fault import MemoryFault
from mlsys_kernels.tracing.footprints import LARGEST, Access, Footprints, Meeting, Order
from mlsys_kernels.tracing.views import View, view_of

Addresses = NDArray[np.int64]
Lanes = NDArray[np.bool_]
Program = tuple[int, int, int]

FAR = 1 << 30
"""Elements from a tensor beyond which no missing mask explains an address."""

_DOES: dict[Access, str] = {"load": "loads", "store": "stores to", "atomic": "updates"}
_DID: dict[Access, str] = {"load": "loaded", "store": "stored", "atomic": "updates with an atomic"}


@dataclass(frozen=True)
class Touch:
    """One access of a program: what its lanes are about to do.

    Attributes:
        access: load, store or atomic.
        pointer: the type of the pointers; those that come from one tensor share the very same object.
        addresses: address of each lane that is on, in order.
        item: bytes of an element.
        lanes: which lanes of the block are on.
        value: what a store stores, for every lane of the block.
    """

    access: Access
    pointer: Any
    addresses: Addresses
    item: int
    lanes: Lanes
    value: NDArray[Any] | None = None


@dataclass(frozen=True)
class Memory:
    """Memory that one or more arguments are views of; `unit` is the size of its smallest element in bytes."""

    base: int
    end: int
    unit: int
    is_input: bool
    views: tuple[View, ...]
    footprints: Footprints | None


@dataclass
class Launch:
    """What is known while a kernel runs."""

    memories: list[Memory]
    _pointers: dict[int, tuple[Any, View]] = field(default_factory=dict)  # by identity of the type, which is kept
    _grid: Program = (0, 0, 0)
    _number: int = 0
    _order: Order = field(default_factory=lambda: Order(0))

    def follow(self, tensor: Any, pointer: Any) -> None:
        """Pointers of this type come from this argument."""
        view = view_of("", tensor)
        alike = [
            own
            for memory in self.memories
            for own in memory.views
            if view is not None and replace(view, name=own.name) == own
        ]
        if alike:
            # The same tensor may be two arguments; they are converted in the order of `views`.
            taken = [own for _, own in self._pointers.values()]
            self._pointers[id(pointer)] = (pointer, next((own for own in alike if own not in taken), alike[0]))

    def follows(self, pointer: Any) -> bool:
        """Whether pointers of this type are known to come from an argument."""
        return id(pointer) in self._pointers

    def owners(self, touch: Touch) -> Iterator[tuple[View, Any]]:
        """Each tensor that a checked access goes to, and which of its addresses do: the pointer's own comes first."""
        _, own = self._pointers.get(id(touch.pointer), (None, None))
        if own is not None and (touch.addresses.size == 0 or own.holds_all(touch.addresses, touch.item)):
            yield own, slice(None)
            return
        left = np.ones(touch.addresses.shape, np.bool_)
        for view in ([] if own is None else [own]) + [view for memory in self.memories for view in memory.views]:
            held = left & view.holds(touch.addresses, touch.item)
            if held.any():
                yield view, held
                left &= ~held

    def check(self, touch: Touch, program: Program, grid: Program) -> None:
        """Remember the access, or raise MemoryFault if no machine promises that it goes well."""
        self._enter(program, grid)
        for memory, chosen in self._places(touch, program):
            addresses = touch.addresses[chosen]
            if touch.access != "load" and memory.is_input:
                element = _view_at(memory, int(addresses[0])).element(int(addresses[0]))
                what = f"program {program} {_DOES[touch.access]} {element}, an input"
                raise MemoryFault("mutates-input", what, line(), "inputs belong to the caller: store to a new tensor")
            if memory.footprints is not None:
                self._check_races(touch, memory, memory.footprints, addresses, chosen, program)

    def _enter(self, program: Program, grid: Program) -> None:
        number = number_of(program, grid)
        if grid != self._grid:
            self._grid, self._order = grid, Order(grid[0] * grid[1] * grid[2])
        if number != self._number:
            self._number = number
            self._order.begin()

    def _places(self, touch: Touch, program: Program) -> Iterator[tuple[Memory, Any]]:
        """Each memory that the access goes to, and which of its addresses do; raise if one goes nowhere."""
        _, own = self._pointers.get(id(touch.pointer), (None, None))
        memories = [memory for memory in self.memories if own is None or own in memory.views]
        for memory in memories:
            if (own or memory.views[0]).holds_all(touch.addresses, touch.item):
                yield memory, slice(None)
                return
        held = [_held(memory, touch) for memory in memories]
        inside = np.logical_or.reduce(held)
        if not inside.all():
            views = [own] if own is not None else [view for memory in memories for view in memory.views]
            _raise_outside(touch, views, ~inside, program)
        yield from ((memory, chosen) for memory, chosen in zip(memories, held, strict=True) if chosen.any())

    def _check_races(
        self, touch: Touch, memory: Memory, footprints: Footprints, addresses: Addresses, chosen: Any, program: Program
    ) -> None:
        at, parts = (addresses - memory.base) // memory.unit, max(1, touch.item // memory.unit)
        if parts > 1:
            at = (at[:, None] + np.arange(parts)).ravel()

        def stores_the_same() -> Lanes:
            assert touch.value is not None
            value = np.ascontiguousarray(np.broadcast_to(touch.value, touch.lanes.shape)[touch.lanes][chosen])
            new = value.view(np.uint8).reshape(addresses.size, -1)
            old = _bytes(memory)[(addresses - memory.base)[:, None] + np.arange(new.shape[1])]
            return np.repeat((new == old).all(axis=1), parts)

        met = footprints.meeting(touch.access, at, self._number, self._order, stores_the_same)
        if met is not None:
            address = int(addresses[met.lane // parts])
            _raise_race(touch, _view_at(memory, address).element(address), met, program, self._grid)
        footprints.note(touch.access, at, self._number)
        if touch.access == "atomic" and addresses.size == 1:
            self._order.atomic(int(addresses[0]), self._number)


def begin(arguments: dict[str, Any], inputs: Iterable[tuple[int, int]]) -> Launch | None:
    """A launch with these arguments, by name, of which no tensor in `inputs` may change; None if it has no tensors.

    Args:
        arguments: what the kernel gets, on the CPU.
        inputs: first address, and the one after the last, of each stretch of memory that is an input.
    """
    views = [view for name, value in arguments.items() for view in _views(name, value)]
    memories = []
    for storage in dict.fromkeys(view.storage for view in views):
        shared = tuple(view for view in views if view.storage == storage)
        base, end = min(view.base for view in shared), max(view.end for view in shared)
        unit = min(view.item for view in shared)
        is_input = any(start <= base < stop for start, stop in inputs)
        units = (end - base) // unit
        footprints = None if is_input or units > LARGEST else Footprints(units)
        memories.append(Memory(base, end, unit, is_input, shared, footprints))
    return Launch(memories) if views else None


def number_of(program: Program, grid: Program) -> int:
    """Programs are numbered from 1 in the interpreter's order: the last axis moves fastest."""
    return (program[0] * grid[1] + program[1]) * grid[2] + program[2] + 1


def program_of(number: int, grid: Program) -> Program:
    """The program that has this number."""
    rest, z = divmod(number - 1, grid[2])
    return (*divmod(rest, grid[1]), z)


def line() -> int | None:
    """The line of the learner's file that runs: the innermost frame that is neither Triton's nor of this folder."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename.startswith(_folders_not_his()):
        if frame.f_back is None:
            return None
        frame = frame.f_back
    return frame.f_lineno


@cache
def _folders_not_his() -> tuple[str, ...]:
    import triton

    return tuple(str(Path(file).parent) + os.sep for file in (triton.__file__, __file__))


def _views(name: str, value: Any) -> Iterator[View]:
    """The tensors in an argument: itself, those of a tuple, or the one that a tensor descriptor describes."""
    if isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from _views(f"{name}[{i}]", item)
    elif hasattr(value, "block_shape") and hasattr(value, "base"):
        yield from _views(name, value.base)
    elif (view := view_of(name, value)) is not None:
        yield view


def _held(memory: Memory, touch: Touch) -> Lanes:
    held: Lanes = np.logical_or.reduce([view.holds(touch.addresses, touch.item) for view in memory.views])
    return held


def _view_at(memory: Memory, address: int) -> View:
    return next((view for view in memory.views if view.holds(np.array([address]), 1)[0]), memory.views[0])


def _bytes(memory: Memory) -> NDArray[np.uint8]:
    buffer = (ctypes.c_uint8 * (memory.end - memory.base)).from_address(memory.base)
    return np.ctypeslib.as_array(buffer)


def _raise_outside(touch: Touch, views: list[View], outside: Lanes, program: Program) -> NoReturn:
    address, count = int(touch.addresses[outside][0]), int(outside.sum())
    view = min(views, key=lambda view: max(view.base - address, address - view.end, 0))
    does, lanes = f"program {program} {_DOES[touch.access]}", f"{count} of {outside.size} lanes"
    element = (address - view.base) // view.item
    if view.base <= address < view.end:
        before, later = view.last_before(address)
        parts = "elements" if later < view.shortest_stride else "rows"
        what = f"{does} memory between the {parts} of the view {view.name}, {later} past {before} ({lanes})"
        because = f"a mask does not stop at the end of a row, or the strides of {view.name} are not used"
    else:
        has = f"whose last is {view.span - 1}" if view.has_gaps else f"which has {view.span} elements"
        what = f"{does} element {element} of {view.name}, {has} ({lanes})"
        if not -FAR < element < view.span + FAR:
            because = "an offset is larger than 32 bits hold, or no offset but a value"
        elif address < view.base:
            because = f"an offset is negative: the block begins before the start of {view.name}"
        elif count == outside.size:
            because = f"all of it lies past the end of {view.name}: one program or one step too many, or a wrong stride"
        else:
            mask = "no mask leaves" if touch.lanes.all() else "the mask does not leave"
            because = f"{mask} out what lies past the end of {view.name}{_whole_lines(touch, outside)}"
    raise MemoryFault("out-of-bounds", what, line(), because)


def _whole_lines(touch: Touch, outside: Lanes) -> str:
    """The rows or the columns of a block of two axes that lie outside, if it is these and nothing else."""
    block = np.zeros(touch.lanes.shape, np.bool_)
    block[touch.lanes] = outside
    for axis, lines in enumerate(("rows", "columns")):
        along = block.any(axis=1 - axis, keepdims=True) if block.ndim == 2 else np.ones(1, np.bool_)
        if not along.all() and ((along & touch.lanes) == block).all():
            first, *_, last = [*np.flatnonzero(along), *np.flatnonzero(along)]
            return f": {lines} {first} to {last} of the block"
    return ""


def _raise_race(touch: Touch, element: str, met: Meeting, program: Program, grid: Program) -> NoReturn:
    overwrites = touch.access == met.did == "store"
    does = "overwrites" if overwrites else _DOES[touch.access]
    what = f"program {program} {does} {element}, which program {program_of(met.program, grid)} {_DID[met.did]}"
    if overwrites:
        because = "two programs store to one element: their tiles overlap, or a store mask is missing"
    elif met.did == "atomic":
        because = "what programs update with atomics is complete only when all of them have ended"
    else:
        because = "the order between programs is not defined on a GPU"
    raise MemoryFault("race", what, line(), because)
