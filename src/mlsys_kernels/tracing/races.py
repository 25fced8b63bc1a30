"""Find races between iterations of prange: run the file in plain Python, one iteration after the other, and watch.

`install(path)` is called by the worker, in a process of its own, after numba is imported and before the file at `path`
is loaded. From then on @njit compiles nothing, prange marks the iteration that runs, and the arrays that the file
makes are `traced`; arguments must be wrapped by `traced()`. An element that two iterations of a prange loop touch, at
least one of them to write, raises `MemoryFault("race", ...)`. What numba allows is no race: arrays made by an
iteration, `c += x` on a whole array (a reduction), scratch memory chosen by `get_thread_id()`.

Anything else that the file raises in this process says nothing about the file: numba knows what plain Python does not
(intrinsics, pointers, ...). The caller then reports that the check could not be done. The same holds where
`unfinished()` is not None. Where `loops()` is 0 there was nothing to check.

Limits. Not seen: values that go from one iteration to the next in local variables (`x = c[0] + x` for a scalar x);
nested prange loops, which numba runs as range; with `get_thread_id()`, races between neighbouring iterations, which
one thread runs. Functions that write to a global array do not compile anyway.
"""

import functools
import sys
import threading
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.tracing import plain_python
from mlsys_kernels.tracing.followed import learner
from mlsys_kernels.tracing.shadow import Loop, watch
from mlsys_kernels.tracing.traced import Traced

THREADS = 4
"""Threads that the file sees, unless it calls set_num_threads; iterations are divided among them in equal shares."""

_parallel: list[bool] = []  # for each function under @njit that runs now, the innermost last


def install(path: str) -> None:
    """Change numba and NumPy in this process for the file at `path`, which is to be loaded next."""
    loops = plain_python.Parallel(THREADS, _prange, _pndindex, _get_thread_id)
    plain_python.install(path, Traced, loops, _watching)


def traced(array: NDArray[Any]) -> NDArray[Any]:
    """The same array, watched: an argument for the file's functions. It is an ndarray and shares the memory."""
    return array.view(Traced)


def loops() -> int:
    """How many prange loops have run in parallel functions since `install()`."""
    return watch.loops


def unfinished() -> str | None:
    """Why races may have gone unseen although nothing was raised, in one sentence; None if there is no reason."""
    hidden = plain_python.unfollowed()
    return f"the file uses {' and '.join(hidden)}, which this check cannot follow" if hidden else None


def _watching(function: Any, options: dict[str, Any]) -> Any:
    """The function, known to be parallel or not while it runs."""

    @functools.wraps(function)
    def run(*args: Any, **named: Any) -> Any:
        if threading.get_ident() != learner.thread:
            plain_python.note("threads of its own")
            return function(*args, **named)
        _parallel.append(bool(options.get("parallel")))
        try:
            return function(*args, **named)
        finally:
            _parallel.pop()
            if not _parallel:
                watch.loop = None  # whatever left it

    return run


def _prange(*args: Any) -> Any:
    frame = sys._getframe(1)
    values = range(*args)
    return _in_parallel(values, frame) if _is_parallel(frame) else values


def _pndindex(*shape: Any) -> Any:
    frame = sys._getframe(1)
    values = list(np.ndindex(*shape))
    return _in_parallel(values, frame) if _is_parallel(frame) else iter(values)


def _is_parallel(frame: FrameType) -> bool:
    if watch.loop is not None or threading.get_ident() != learner.thread:
        return False
    return bool(_parallel) and _parallel[-1] and frame.f_code.co_filename == learner.path


def _in_parallel(values: Sequence[Any], frame: FrameType) -> Iterator[Any]:
    watch.loops += 1
    watch.loop = loop = Loop(watch.loops, values, frame)
    try:
        for at, value in enumerate(values):
            loop.at = at
            yield value
    finally:
        if watch.loop is loop:
            watch.loop = None


def _get_thread_id() -> int:
    if watch.loop is None:
        return 0
    watch.loop.divide_among(plain_python.get_num_threads())
    return int(watch.loop.group[watch.loop.at])
