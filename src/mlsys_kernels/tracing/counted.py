"""A NumPy array whose element accesses go into the log of `accesses`, each with the line of the learner's file.

What counts as an access: reading or writing one element; every element that an operation on whole arrays reads or
writes. A number that was read (`x = a[i, k]`) is in a register: using it again is no access. A view (`a.T`, `a[i]`,
`a[:, 3:]`) touches nothing.

The order within an operation on whole arrays is C order of the index. Where the operation goes element by element
(ufuncs, assignments, copies, sums of products) the operands take turns: an element of each that is read, from left to
right, then the one that is written. Everywhere else one array is read after the other, then the results are written.
np.zeros and np.empty touch nothing: memory comes as zeros from the operating system.

An expression on whole arrays makes the temporary arrays that NumPy makes; numba saves some of them.
"""

import inspect
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.tracing import plain_python
from mlsys_kernels.tracing.accesses import FULL, log
from mlsys_kernels.tracing.followed import (
    Followed,
    Memory,
    arrays_in,
    learner,
    learner_frame,
    places,
    places_of,
    plain,
)  # fmt: skip

_get, _set = np.ndarray.__getitem__, np.ndarray.__setitem__


class CountedMemory(Memory):
    """A piece of memory with a place in the log, which it gives back when no array looks at it any more."""

    def __init__(self, array: NDArray[Any], line: int | None) -> None:
        super().__init__(array, line)
        self.piece = log.place(self.end - self.start, self.array, line)

    def __del__(self) -> None:
        log.free(self.piece)


class Counted(Followed):
    """An ndarray whose accesses are counted; `traffic.traced` makes one, and views and results of one are counted too.

    Attributes:
        plan: how an index gives the address of an element, for the quick way; None before the first access.
            It is the log address of the first element, then the shape, then the strides.
    """

    memory: CountedMemory
    plan: Any

    def __array_finalize__(self, source: Any) -> None:
        super().__array_finalize__(source)
        self.plan = None

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in ("shape", "strides", "dtype"):
            self.plan = None

    def new_memory(self, line: int | None) -> CountedMemory:
        """Memory that did not exist before."""
        return CountedMemory(self, line)

    def __getitem__(self, key: Any) -> Any:
        address = _address(self.plan, key)
        if address is None:
            return _load(self, key)
        found = _get(self, key)
        _note(address, 0)
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        address = None if isinstance(value, Counted) else _address(self.plan, key)
        if address is None:
            _store(self, key, value)
            return
        _set(self, key, value)
        _note(address, 1)

    def item(self, *index: Any) -> Any:
        """One element as a Python number; its index is that of the flat array, or one number for each axis."""
        found = plain(self).item(*index)
        flat = len(index) == 1 and not isinstance(index[0], tuple)
        at = np.unravel_index(index[0], self.shape) if flat else index[0] if len(index) == 1 else index
        _load(self, tuple(int(i) for i in at) if index else (0,) * self.ndim)
        return found

    def view(self, *args: Any, **options: Any) -> Any:
        """The same memory as another dtype, or as another kind of array, whose accesses are not seen."""
        found: Any = super().view(*args, **options)
        if not isinstance(found, Counted):
            plain_python.note("array.view of another type")
        return found

    @property
    def ctypes(self) -> Any:
        """A pointer; what is done with it is not seen."""
        plain_python.note("array.ctypes")
        return plain(self).ctypes

    @property
    def data(self) -> Any:
        """A memoryview; what is done with it is not seen."""
        plain_python.note("array.data")
        return plain(self).data

    @staticmethod
    def in_step(reads: Sequence[Any], writes: Sequence[Any]) -> None:
        """Count an access to every element, the arrays taking turns; they are broadcast to one shape."""
        arrays = (*reads, *writes)
        if not arrays:
            return
        if len({array.size for array in arrays}) == 1:
            columns = [_addresses(array).reshape(-1) for array in arrays]
        else:
            shape = np.broadcast_shapes(*(array.shape for array in arrays))
            columns = [np.broadcast_to(_addresses(array), shape).reshape(-1) for array in arrays]
        line = _line()
        marks = [2 * line] * len(reads) + [2 * line + 1] * len(writes)
        log.touch(np.stack(columns, axis=1).reshape(-1).tolist(), marks * len(columns[0]))

    @staticmethod
    def in_turn(reads: Sequence[Any], writes: Sequence[Any]) -> None:
        """Count an access to every element, one array after the other."""
        for array in reads:
            Counted.in_step([array], [])
        for array in writes:
            Counted.in_step([], [array])


def _address(plan: Any, key: Any) -> int | None:
    """The log address of the one element that `key` names, or None where that takes more than this quick way.

    It is wrong where the index is out of bounds: NumPy says so.
    """
    if plan is None:
        return None
    if type(key) is not tuple:
        key = (key,)
    axes = len(key)
    if len(plan) != 2 * axes + 1:
        return None
    if axes == 2:  # what most kernels do, and so without a loop
        i, j = key
        if type(i) is not int or type(j) is not int:
            return None
        at, m, n, down, across = plan
        return int(at + (i if i >= 0 else i + m) * down + (j if j >= 0 else j + n) * across)
    at = plan[0]
    for index, n, stride in zip(key, plan[1 : axes + 1], plan[axes + 1 :], strict=True):
        if type(index) is not int:
            return None
        at += (index if index >= 0 else index + n) * stride
    return int(at)


def _note(address: int, store: int) -> None:
    frame = sys._getframe(2)
    line = frame.f_lineno if frame.f_code.co_filename == learner.path else _line()
    log.addresses.append(address)
    log.marks.append(2 * line + store)
    if len(log.marks) > FULL:
        log.settle()


def _load(array: Counted, key: Any) -> Any:
    found = _get(array, key)
    if isinstance(found, Counted) and found.memory is array.memory:
        return found
    line = _line()
    Counted.in_turn(list(arrays_in(key)), [])
    at = _prepared(array).piece.log_address + places_of(array, key)
    array.plan = _plan(array)
    if isinstance(found, Counted):
        log.touch(np.stack((np.reshape(at, -1), _addresses(found).reshape(-1)), axis=1).reshape(-1).tolist(),
                  [2 * line, 2 * line + 1] * found.size)  # fmt: skip
    else:
        log.touch([int(at)], [2 * line])
    return found


def _store(array: Counted, key: Any, value: Any) -> None:
    target = _get(array, key) if _is_basic(key) else None
    if isinstance(target, Counted) and isinstance(value, Counted) and _is_same(target, value):
        return  # the end of `c[i] += x`: what stands there is stored over itself
    _set(array, plain(key), plain(value))
    if isinstance(target, Counted):
        Counted.in_step(list(arrays_in(value)), [target])
        return
    Counted.in_turn([*arrays_in(key), *arrays_in(value)], [])
    at = _prepared(array).piece.log_address + np.reshape(places_of(array, key), -1)
    array.plan = _plan(array)
    log.touch(at.tolist(), [2 * _line() + 1] * len(at))


def _is_basic(key: Any) -> bool:
    """True for an index that gives an element or a view, never a copy."""
    keys = key if type(key) is tuple else (key,)
    return all(index is None or index is ... or isinstance(index, int | np.integer | slice | str) for index in keys)


def _is_same(target: Counted, value: Counted) -> bool:
    both = (target, value)
    return len({(id(x.memory), x.offset, x.shape, x.strides, x.dtype) for x in both}) == 1


def _addresses(array: Counted) -> NDArray[np.int64]:
    return places(array.shape, array.strides, _prepared(array).piece.log_address + array.offset)


def _prepared(array: Counted) -> CountedMemory:
    """The memory of the array, which now has its name if the file gives it one."""
    memory = array.memory
    if threading.get_ident() != learner.thread:
        plain_python.note("threads of its own")
    if memory.piece.name is None:
        memory.piece.name = _name(memory)
    return memory


def _plan(array: Counted) -> Any:
    """The plan of an array that was touched, so that it has a name by now if it ever gets one; or None."""
    if array.dtype.names is not None:
        return None  # its elements are views
    return (array.memory.piece.log_address + array.offset, *array.shape, *array.strides)


def _name(memory: CountedMemory) -> str | None:
    """What the largest array of this memory is called in the functions that run, the innermost first."""
    found: list[tuple[int, int, str]] = []
    frame, depth = learner_frame(), 0
    while frame is not None:
        if frame.f_code.co_filename == learner.path:
            found += [(size, -depth, name) for name, size in _sizes(frame, memory)]
        frame, depth = frame.f_back, depth + 1
    return max(found, key=lambda each: each[:2])[2] if found else None


def _sizes(frame: FrameType, memory: CountedMemory) -> list[tuple[str, int]]:
    names = frame.f_locals
    sizes = [(name, x.size) for name, x in names.items() if isinstance(x, Counted) and x.memory is memory]
    if type(names) is dict and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        names.clear()  # until Python 3.12 this is a copy, which would keep arrays alive, and so change addresses
    return sizes


def _line() -> int:
    frame = learner_frame()
    return frame.f_lineno if frame else 0
