"""A NumPy array that knows which piece of memory it looks at, and tells which arrays NumPy reads and writes.

`Followed` is an ndarray in every other respect. A subclass says what is to be done: `new_memory`, `in_step`, `in_turn`,
and its own `__getitem__` and `__setitem__`. Not seen: `ndenumerate`, `nditer`, `.ctypes`, buffers, `float(c[0:1])`,
and a result given to np.dot as its third argument.
"""

import dataclasses
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

_arange, _asarray = np.arange, np.asarray  # here and now: a learner's file may put others in their place

_UNREAD = frozenset(
    (
        *("shape", "ndim", "size", "zeros_like", "empty_like", "ones_like", "full_like", "result_type", "can_cast"),
        *("min_scalar_type", "common_type", "shares_memory", "may_share_memory", "iscomplexobj", "isrealobj"),
    )
)
"""Functions of NumPy that look at an array's type or shape, not at its elements."""

_UNWRITTEN = frozenset(("zeros", "empty", "zeros_like", "empty_like", "frombuffer"))
"""Functions of NumPy that give memory as they get it: the operating system hands out zeros."""

_WRITING = frozenset(("copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis"))
"""Functions of NumPy that write to their first argument."""

_READING_METHODS = (
    *("argmax", "argmin", "argpartition", "argsort", "astype", "choose", "compress", "copy", "diagonal", "dot"),
    *("flatten", "item", "nonzero", "ravel", "repeat", "reshape", "searchsorted", "take", "tobytes", "tolist", "trace"),
)
"""Methods written in C that read all elements, unless they return a view. The others call ufuncs, which are seen."""

_WRITING_METHODS = ("byteswap", "fill", "partition", "put", "sort")


@dataclasses.dataclass
class Learner:
    """Whose accesses are meant in this process: those of the file at `path`, in one thread."""

    path: str = ""
    thread: int = dataclasses.field(default_factory=threading.get_ident)


learner = Learner()


class Memory:
    """A piece of memory with which one array was made; its views share it. It does not keep the array alive.

    Args:
        array: that array.
        line: where it was made, or None.
    """

    def __init__(self, array: NDArray[Any], line: int | None) -> None:
        address: int = array.__array_interface__["data"][0]  # of the first element, not always the lowest
        ends = [(n - 1) * stride for n, stride in zip(array.shape, array.strides, strict=True)] if array.size else []
        self.start = address + sum(end for end in ends if end < 0)
        self.end = address + sum(end for end in ends if end > 0) + (array.itemsize if array.size else 0)
        self.line = line
        self.array = array.shape, array.strides, address - self.start


class Followed(np.ndarray[Any, Any]):
    """An ndarray whose elements are watched; views and results of one are followed too.

    Attributes:
        memory: the piece of memory that it looks at.
        offset: the byte of `memory` where its first element starts.
    """

    memory: Any
    offset: int

    def new_memory(self, line: int | None) -> Memory:
        """The memory of this array, which was made in `line` of the learner's file and is no view."""
        return Memory(self, line)

    @staticmethod
    def in_step(reads: Sequence[Any], writes: Sequence[Any]) -> None:
        """All elements of these followed arrays were touched, one of each array, then the next of each."""

    @staticmethod
    def in_turn(reads: Sequence[Any], writes: Sequence[Any]) -> None:
        """All elements of these followed arrays were touched, one array after the other."""

    def __array_finalize__(self, source: Any) -> None:
        memory = getattr(source, "memory", None)
        address = self.__array_interface__["data"][0]
        if memory is None or not memory.start <= address < memory.end:
            frame = learner_frame()
            memory = self.new_memory(frame.f_lineno if frame else None)
        self.memory, self.offset = memory, address - memory.start

    def __array_ufunc__(self, ufunc: Any, method: Any, *inputs: Any, out: tuple[Any, ...] = (), **options: Any) -> Any:
        if out:
            options["out"] = plain(out)
        result = getattr(ufunc, method)(*plain(inputs), **plain(options))
        made = (out[0] if len(out) == 1 else out) if out else traced_result(result, [], type(self))
        told = self.in_step if method == "__call__" and ufunc.signature is None else self.in_turn
        told(list(arrays_in(inputs)), list(arrays_in(made)))
        return made

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        return run_plain(function, args, options, type(self))

    @property
    def flat(self) -> Any:
        """All elements in order, as a view; TypeError where there is none."""
        view: Any = self.reshape(-1)
        if view.memory is not self.memory:
            raise TypeError("the flat of an array that does not lie in one stretch is not traced")
        return view


def run_plain(function: Callable[..., Any], args: Any, options: Any, kind: type[Followed]) -> Any:
    """Call a function of NumPy with plain arrays; what it returns is a `kind`, and what it touched is told."""
    name = function.__name__
    sources = list(arrays_in([*args, *(value for option, value in options.items() if option != "out")]))
    target = list(arrays_in(args[:1])) if name in _WRITING else []
    result = function(*plain(tuple(args)), **plain(dict(options)))
    made = options["out"] if options.get("out") is not None else traced_result(result, sources, kind)
    if any(array.memory is source.memory for array in arrays_in(made) for source in sources):
        return made  # a view reads nothing
    reads = [] if name in _UNREAD else [array for array in sources if not any(array is other for other in target)]
    _tell(kind, reads, target + ([] if name in _UNWRITTEN else list(arrays_in(made))))
    return made


def traced_result(result: Any, sources: list[Followed], kind: type[Followed]) -> Any:
    """The result with all its arrays followed; one that looks at the memory of a source is a view of it."""
    if isinstance(result, tuple | list) and type(result) in (tuple, list):
        return type(result)(traced_result(item, sources, kind) for item in result)
    if type(result) is not np.ndarray:
        return result
    made = result.view(kind)
    address = result.__array_interface__["data"][0]
    for source in sources:
        if source.memory.start <= address < source.memory.end:
            made.memory, made.offset = source.memory, address - source.memory.start
    return made


def plain(value: Any) -> Any:
    """The value with every followed array in it, or in its tuples, lists and dicts, as a plain view of its data."""
    if isinstance(value, Followed):
        return np.ndarray.view(value, np.ndarray)
    if type(value) in (tuple, list):
        return type(value)(plain(item) for item in value)
    return {name: plain(item) for name, item in value.items()} if type(value) is dict else value


def arrays_in(value: Any) -> Iterator[Any]:
    """Every followed array in the value, or in its tuples and lists."""
    if isinstance(value, Followed):
        yield value
    elif type(value) in (tuple, list):
        for item in value:
            yield from arrays_in(item)


def learner_frame() -> FrameType | None:
    """The innermost running function of the learner's file."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename != learner.path:
        frame = frame.f_back
    return frame


def places(shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> NDArray[np.int64]:
    """Where each element of an array starts, in bytes, if its first one starts at `offset`; shaped like the array."""
    at: Any = np.int64(offset)
    for n, stride in zip(shape, strides, strict=True):
        at = at[..., None] + _arange(n, dtype=np.int64) * stride
    return _asarray(at)


def places_of(array: Followed, key: Any) -> Any:
    """Bytes where the elements start that array[key] names: an int for a single one, else an array."""
    keys = key if type(key) is tuple else (key,)
    if len(keys) == array.ndim:
        at = array.offset
        for index, n, stride in zip(keys, array.shape, array.strides, strict=True):
            if type(index) is not int and not isinstance(index, np.integer):
                break
            if not -n <= index < n:
                break  # NumPy raises IndexError below
            at += int(index % n) * stride
        else:
            return at
    return places(array.shape, array.strides, array.offset)[plain(key)]


def _tell(kind: type[Followed], reads: Sequence[Any], writes: Sequence[Any]) -> None:
    """Arrays of the same number of elements are read and written in step: a copy, a sum of products."""
    told = kind.in_step if len({array.size for array in (*reads, *writes)}) == 1 else kind.in_turn
    told(reads, writes)


def _follow_method(name: str, does: Literal["read", "write"]) -> None:
    method = getattr(np.ndarray, name)

    def followed(self: Followed, *args: Any, **options: Any) -> Any:
        result = method(self, *plain(args), **plain(options))
        if does == "write":
            self.in_turn(list(arrays_in(args)), [self])
        elif not (isinstance(result, Followed) and result.memory is self.memory):
            _tell(type(self), [self, *arrays_in(args)], list(arrays_in(result)))
        return result

    setattr(Followed, name, followed)


for _name in _READING_METHODS:
    _follow_method(_name, "read")
for _name in _WRITING_METHODS:
    _follow_method(_name, "write")
