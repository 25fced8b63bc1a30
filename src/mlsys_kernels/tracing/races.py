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
import inspect
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.tracing.shadow import Loop, watch
from mlsys_kernels.tracing.traced import Traced, run_plain

THREADS = 4
"""Threads that the file sees, unless it calls set_num_threads; iterations are divided among them in equal shares."""

_CONSTRUCTORS = (
    *("arange", "array", "asanyarray", "asarray", "ascontiguousarray", "asfortranarray", "empty", "eye", "frombuffer"),
    *("fromiter", "full", "identity", "linspace", "ones", "tri", "zeros"),
)
"""Functions of NumPy that make arrays and do not ask the type of their arguments; the others follow their arguments."""

_OPAQUE = ("carray", "cfunc", "farray", "guvectorize", "stencil", "vectorize")
"""What runs as machine code here too, or reaches memory through a pointer, so that accesses are not seen."""

_parallel: list[bool] = []  # for each function under @njit that runs now, the innermost last
_threads = [THREADS]
_unseen: list[str] = []


def install(path: str) -> None:
    """Change numba and NumPy in this process for the file at `path`, which is to be loaded next."""
    import numba
    from numba.core import decorators
    from numba.np import ufunc
    from numba.np.ufunc import parallel

    watch.path, watch.thread = path, threading.get_ident()
    np.seterr(all="ignore")  # machine code does not warn either
    numba.config.DISABLE_JIT = 1  # numba's own: jitclass and typed containers become plain Python
    numba.config.NUMBA_NUM_THREADS = THREADS
    jit = _without_compiler(decorators.jit)
    numba.jit = numba.njit = decorators.jit = decorators.njit = jit
    numba.prange = numba.misc.special.prange = _prange
    numba.pndindex = numba.misc.special.pndindex = _pndindex
    for function in (_get_num_threads, _set_num_threads, _get_thread_id, _set_parallel_chunksize):
        for module in (numba, ufunc, parallel):
            setattr(module, function.__name__.removeprefix("_"), function)
    for name in _OPAQUE:
        setattr(numba, name, _noting(name, getattr(numba, name)))
    for name in _CONSTRUCTORS:
        setattr(np, name, _tracing(getattr(np, name)))


def traced(array: NDArray[Any]) -> NDArray[Any]:
    """The same array, watched: an argument for the file's functions. It is an ndarray and shares the memory."""
    return array.view(Traced)


def loops() -> int:
    """How many prange loops have run in parallel functions since `install()`."""
    return watch.loops


def unfinished() -> str | None:
    """Why races may have gone unseen although nothing was raised, in one sentence; None if there is no reason."""
    if not _unseen:
        return None
    return f"the file uses {' and '.join(_unseen)}, which this check cannot follow"


def _without_compiler(compiling: Callable[..., Any]) -> Callable[..., Any]:
    def jit(signature_or_function: Any = None, *rest: Any, **options: Any) -> Any:
        def decorate(function: Any) -> Any:
            if not inspect.isfunction(function) or function.__code__.co_filename != watch.path:
                return compiling(signature_or_function, *rest, **options)(function)

            @functools.wraps(function)
            def run(*args: Any, **named: Any) -> Any:
                if threading.get_ident() != watch.thread:
                    _note("threads of its own")
                    return function(*args, **named)
                _parallel.append(bool(options.get("parallel")))
                try:
                    return function(*args, **named)
                finally:
                    _parallel.pop()
                    if not _parallel:
                        watch.loop = None  # whatever left it

            run.py_func = function  # type: ignore[attr-defined]
            return run

        if inspect.isfunction(signature_or_function):
            function, signature_or_function = signature_or_function, None
            return decorate(function)
        return decorate

    return jit


def _prange(*args: Any) -> Any:
    frame = sys._getframe(1)
    values = range(*args)
    return _in_parallel(values, frame) if _is_parallel(frame) else values


def _pndindex(*shape: Any) -> Any:
    frame = sys._getframe(1)
    values = list(np.ndindex(*shape))
    return _in_parallel(values, frame) if _is_parallel(frame) else iter(values)


def _is_parallel(frame: FrameType) -> bool:
    if watch.loop is not None or threading.get_ident() != watch.thread:
        return False
    return bool(_parallel) and _parallel[-1] and frame.f_code.co_filename == watch.path


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
    watch.loop.divide_among(_threads[0])
    return int(watch.loop.group[watch.loop.at])


def _get_num_threads() -> int:
    return _threads[0]


def _set_num_threads(n: int) -> None:
    _threads[0] = int(n)


def _set_parallel_chunksize(n: int) -> int:  # noqa: ARG001
    return 0


def _note(what: str) -> None:
    if what not in _unseen:
        _unseen.append(what)


def _noting(name: str, function: Any) -> Callable[..., Any]:
    def noted(*args: Any, **options: Any) -> Any:
        if sys._getframe(1).f_code.co_filename == watch.path:
            _note(f"numba.{name}")
        return function(*args, **options)

    return noted


def _tracing(constructor: Any) -> Callable[..., Any]:
    @functools.wraps(constructor)
    def make(*args: Any, **options: Any) -> Any:
        if sys._getframe(1).f_code.co_filename != watch.path:
            return constructor(*args, **options)
        return run_plain(constructor, args, options)

    return make
