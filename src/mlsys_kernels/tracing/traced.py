"""A NumPy array that tells `shadow` which of its elements are read and written while a prange loop runs.

It costs little outside a loop. What is not seen is told in `followed`, and is never reported.
"""

import dis
import threading
from collections.abc import Sequence
from functools import cache
from types import CodeType, FrameType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.tracing.fault import MemoryFault
from mlsys_kernels.tracing.followed import Followed, learner, learner_frame, places, places_of, plain
from mlsys_kernels.tracing.shadow import Conflict, Loop, SharedMemory, touch, watch


class Traced(Followed):
    """An ndarray whose elements are watched; `races.traced` makes one, and views and results of one are traced too.

    Attributes:
        born: the serial of the prange loop of which an iteration made this object, or 0.
    """

    memory: SharedMemory
    born: int

    def __array_finalize__(self, source: Any) -> None:
        self.born = watch.loop.serial if watch.loop else 0
        super().__array_finalize__(source)

    def new_memory(self, line: int | None) -> SharedMemory:
        """Memory that the current iteration made, if a loop runs."""
        return SharedMemory(self, line, self.born)

    @staticmethod
    def in_turn(reads: Sequence[Any], writes: Sequence[Any]) -> None:
        """Note the accesses to all elements, those that read first."""
        for array in reads:
            _touch(array, None, "read")
        for array in writes:
            _touch(array, None, "write")

    @staticmethod
    def in_step(reads: Sequence[Any], writes: Sequence[Any]) -> None:
        """Note the accesses to all elements, but for those of a reduction."""
        if len(writes) == 1 and reads and writes[0] is reads[0] and _is_reduced(writes[0]):
            reads, writes = [array for array in reads if array is not writes[0]], []
        Traced.in_turn(reads, writes)

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        if _shared(self) and not (isinstance(found, Traced) and found.memory is self.memory):  # a view reads nothing
            _touch(self, places_of(self, key), "read")
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(value, Traced):
            _touch(value, None, "read")
        value = plain(value)
        if _shared(self):
            _touch(self, places_of(self, key), "write", value)
        super().__setitem__(key, value)


def _shared(array: Traced) -> bool:
    """True if several iterations can touch this memory now: a loop runs, and the memory was made before it."""
    loop = watch.loop
    return loop is not None and array.memory.loop != loop.serial and threading.get_ident() == learner.thread


def _places(array: Traced) -> NDArray[np.int64]:
    return places(array.shape, array.strides, array.offset)


def _touch(array: Traced, at: Any, does: Literal["read", "write"], value: Any = None) -> None:
    """Note an access to the elements `at`, all of them if None; raise MemoryFault if it makes a race.

    Args:
        array: the array.
        at: bytes of its memory.
        does: read or write.
        value: what is about to be written, if it is known.
    """
    loop = watch.loop
    if loop is None or not _shared(array):
        return
    at = _places(array) if at is None else at
    frame = learner_frame() or loop.frame
    flat = at if isinstance(at, int) else np.ravel(at)
    conflict = touch(loop, array.memory, flat, does, frame.f_lineno)
    if conflict is not None:
        same = value is not None and _is_written_again(array, at, value, conflict.place)
        raise _fault(loop, array, conflict, does, frame, same)


def _is_written_again(array: Traced, at: Any, value: Any, place: int) -> bool:
    """True if the element at `place` holds what is about to be written to it."""
    values = np.asarray(value, array.dtype)
    new = values if values.size == 1 else np.broadcast_to(values, at.shape)[at == place][0]
    old = plain(array)[_places(array) == place][0]
    return bool((new == old).all())


def _fault(
    loop: Loop, array: Traced, conflict: Conflict, does: Literal["read", "write"], frame: FrameType, same: bool
) -> MemoryFault:
    me, other = loop.values[loop.at], loop.values[conflict.other]
    element, line = _element(array, conflict.place, frame), frame.f_lineno
    if does == conflict.other_did:
        lines = f"line {line}" if line == conflict.other_line else f"lines {conflict.other_line} and {line}"
        what = f"iterations {other} and {me} of the prange loop in line {loop.line} both write {element} ({lines})"
        what += ": the same value, but it is a race all the same" if same else ""
        remedy = "give each one elements of its own to write, or an array of its own, made inside the loop"
    else:
        what = (
            f"iteration {me} of the prange loop in line {loop.line} {does}s {element} (line {line}), "
            f"which iteration {other} {conflict.other_did}s (line {conflict.other_line})"
        )
        remedy = "none may need an element that another one writes"
    return MemoryFault("race", what, line, f"iterations of prange run at the same time, in any order: {remedy}")


def _element(array: Traced, place: int, frame: FrameType | None) -> str:
    """The element at `place`, by the name of the largest array that has it, in this function or in one around it."""
    found: list[tuple[tuple[int, bool, int], str]] = []
    depth = 0
    while frame is not None:
        for name, value in frame.f_locals.items() if frame.f_code.co_filename == learner.path else ():
            if isinstance(value, Traced) and value.memory is array.memory:
                where = np.argwhere(_places(value) == place)
                if len(where):
                    found.append(((value.size, value is array, -depth), f"{name}[{_comma(where[0])}]"))
        frame, depth = frame.f_back, depth + 1
    if found:
        return max(found)[1]
    maker = f"an array made in line {array.memory.line}" if array.memory.line else "an argument"
    where = np.argwhere(places(*array.memory.array) == place)
    return f"element [{_comma(where[0])}] of {maker}" if len(where) else f"an element of {maker}"


def _comma(index: NDArray[Any]) -> str:
    return ", ".join(map(str, index.tolist()))


def _is_reduced(array: Traced) -> bool:
    """True for `c += x` on a bare name in the loop's own body, c made before: numba gives each thread its own c."""
    loop, frame = watch.loop, learner_frame()
    if loop is None or frame is not loop.frame or array.born == loop.serial:
        return False
    return _assigns_a_name(frame.f_code, frame.f_lasti)


@cache
def _assigns_a_name(code: CodeType, at: int) -> bool:
    """True if the bytecode at `at` is an operator whose result goes into a local variable."""
    here = [instruction for instruction in dis.get_instructions(code) if instruction.offset >= at]
    return here[0].opname.startswith("BINARY_OP") and here[1].opname.startswith(("STORE_FAST", "STORE_DEREF"))
