"""A NumPy array that tells `shadow` which of its elements are read and written while a prange loop runs.

It is an ndarray in every other respect, and costs little outside a loop. Not seen, so never reported: `ndenumerate`,
`nditer`, `.ctypes`, buffers, `float(c[0:1])`, and a result given to np.dot as its third argument.
"""

import dis
import sys
import threading
from collections.abc import Callable, Iterator
from functools import cache
from types import CodeType, FrameType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.tracing.fault import MemoryFault
from mlsys_kernels.tracing.shadow import Conflict, Loop, Memory, places, touch, watch

_UNREAD = frozenset(
    (
        *("shape", "ndim", "size", "zeros_like", "empty_like", "ones_like", "full_like", "result_type", "can_cast"),
        *("min_scalar_type", "common_type", "shares_memory", "may_share_memory", "iscomplexobj", "isrealobj"),
    )
)
"""Functions of NumPy that look at an array's type or shape, not at its elements."""

_WRITING = frozenset(("copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis"))
"""Functions of NumPy that write to their first argument."""

_READING_METHODS = (
    *("argmax", "argmin", "argpartition", "argsort", "astype", "choose", "compress", "copy", "diagonal", "dot"),
    *("flatten", "item", "nonzero", "ravel", "repeat", "reshape", "searchsorted", "take", "tobytes", "tolist", "trace"),
)
"""Methods written in C that read all elements, unless they return a view. The others call ufuncs, which are seen."""

_WRITING_METHODS = ("byteswap", "fill", "partition", "put", "sort")


class Traced(np.ndarray[Any, Any]):
    """An ndarray whose elements are watched; `races.traced` makes one, and views and results of one are traced too.

    Attributes:
        memory: the piece of memory that it looks at.
        offset: the byte of `memory` where its first element starts.
        born: the serial of the prange loop of which an iteration made this object, or 0.
    """

    memory: Memory
    offset: int
    born: int

    def __array_finalize__(self, source: Any) -> None:
        memory = getattr(source, "memory", None)
        address = self.__array_interface__["data"][0]
        self.born = watch.loop.serial if watch.loop else 0
        if memory is None or not memory.start <= address < memory.end:
            frame = learner_frame()
            memory = Memory(self, frame.f_lineno if frame else None, self.born)
        self.memory, self.offset = memory, address - memory.start

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        if _shared(self) and not (isinstance(found, Traced) and found.memory is self.memory):  # a view reads nothing
            _touch(self, _places_of(self, key), "read")
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(value, Traced):
            _touch(value, None, "read")
        value = plain(value)
        if _shared(self):
            _touch(self, _places_of(self, key), "write", value)
        super().__setitem__(key, value)

    def __array_ufunc__(self, ufunc: Any, method: Any, *inputs: Any, out: tuple[Any, ...] = (), **options: Any) -> Any:
        reduced = out[0] if len(out) == 1 and out[0] is inputs[0] and _is_reduced(out[0], sys._getframe(1)) else None
        for array in arrays_in(inputs):
            if array is not reduced:
                _touch(array, None, "read")
        for array in arrays_in(out):
            if array is not reduced:
                _touch(array, None, "write")
        if out:
            options["out"] = plain(out)
        result = getattr(ufunc, method)(*plain(inputs), **plain(options))
        if out:
            return out[0] if len(out) == 1 else out
        return traced_result(result, [])

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function.__name__ in _WRITING and isinstance(args[0], Traced):
            _touch(args[0], None, "write")
            args = (plain(args[0]), *args[1:])
        for array in arrays_in(options.get("out")):
            _touch(array, None, "write")
        return run_plain(function, args, options)

    @property
    def flat(self) -> Any:
        """All elements in order, as a view; TypeError where there is none."""
        view: Any = self.reshape(-1)
        if view.memory is not self.memory:
            raise TypeError("the flat of an array that does not lie in one stretch is not traced")
        return view


def run_plain(function: Callable[..., Any], args: Any, options: Any) -> Any:
    """Call a function of NumPy with plain arrays; what it returns is traced, and what it read is noted."""
    sources = list(arrays_in([*args, *(value for name, value in options.items() if name != "out")]))
    result = function(*plain(tuple(args)), **plain(dict(options)))
    made = options["out"] if options.get("out") is not None else traced_result(result, sources)
    is_view = any(array.memory is source.memory for array in arrays_in(made) for source in sources)
    if function.__name__ not in _UNREAD and not is_view:
        for array in sources:
            _touch(array, None, "read")
    return made


def traced_result(result: Any, sources: list[Traced]) -> Any:
    """The result with all its arrays traced; one that looks at the memory of a source is a view of it."""
    if isinstance(result, tuple | list) and type(result) in (tuple, list):
        return type(result)(traced_result(item, sources) for item in result)
    if type(result) is not np.ndarray:
        return result
    made: Traced = result.view(Traced)
    address = result.__array_interface__["data"][0]
    for source in sources:
        if source.memory.start <= address < source.memory.end:
            made.memory, made.offset = source.memory, address - source.memory.start
    return made


def plain(value: Any) -> Any:
    """The value with every traced array in it, or in its tuples, lists and dicts, as a plain view of the same data."""
    if isinstance(value, Traced):
        return value.view(np.ndarray)
    if type(value) in (tuple, list):
        return type(value)(plain(item) for item in value)
    return {name: plain(item) for name, item in value.items()} if type(value) is dict else value


def arrays_in(value: Any) -> Iterator[Traced]:
    """Every traced array in the value, or in its tuples and lists."""
    if isinstance(value, Traced):
        yield value
    elif type(value) in (tuple, list):
        for item in value:
            yield from arrays_in(item)


def learner_frame() -> FrameType | None:
    """The innermost running function of the learner's file."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename != watch.path:
        frame = frame.f_back
    return frame


def _follow_method(name: str, does: Literal["read", "write"]) -> None:
    method = getattr(np.ndarray, name)

    def followed(self: Traced, *args: Any, **options: Any) -> Any:
        if does == "write":
            _touch(self, None, "write")
        result = method(self, *plain(args), **plain(options))
        if does == "read" and not (isinstance(result, Traced) and result.memory is self.memory):
            _touch(self, None, "read")
            for array in arrays_in(args):
                _touch(array, None, "read")
        return result

    setattr(Traced, name, followed)


for _name in _READING_METHODS:
    _follow_method(_name, "read")
for _name in _WRITING_METHODS:
    _follow_method(_name, "write")


def _shared(array: Traced) -> bool:
    """True if several iterations can touch this memory now: a loop runs, and the memory was made before it."""
    loop = watch.loop
    return loop is not None and array.memory.loop != loop.serial and threading.get_ident() == watch.thread


def _places(array: Traced) -> NDArray[np.int64]:
    return places(array.shape, array.strides, array.offset)


def _places_of(array: Traced, key: Any) -> Any:
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
    return _places(array)[plain(key)]


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
        for name, value in frame.f_locals.items() if frame.f_code.co_filename == watch.path else ():
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


def _is_reduced(array: Any, frame: FrameType) -> bool:
    """True for `c += x` on a bare name in the loop's own body, c made before: numba gives each thread its own c."""
    loop = watch.loop
    made_before = isinstance(array, Traced) and loop is not None and array.born != loop.serial
    return made_before and loop is not None and frame is loop.frame and _assigns_a_name(frame.f_code, frame.f_lasti)


@cache
def _assigns_a_name(code: CodeType, at: int) -> bool:
    """True if the bytecode at `at` is an operator whose result goes into a local variable."""
    here = [instruction for instruction in dis.get_instructions(code) if instruction.offset >= at]
    return here[0].opname.startswith("BINARY_OP") and here[1].opname.startswith(("STORE_FAST", "STORE_DEREF"))
