"""Run a learner's file without numba's compiler: @njit compiles nothing, and the arrays that it makes are followed.

`install(path, ...)` is called once in a process, after numba is imported and before the file at `path` is loaded. What
the file raises from then on says nothing about the file: numba knows what plain Python does not (intrinsics, pointers,
...). The same holds where `unfollowed()` or `replaced()` is not empty.
"""

import functools
import inspect
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlsys_kernels.tracing.followed import Followed, learner, run_plain

_CONSTRUCTORS = (
    *("arange", "array", "asanyarray", "asarray", "ascontiguousarray", "asfortranarray", "empty", "eye", "frombuffer"),
    *("fromiter", "full", "identity", "linspace", "ones", "tri", "zeros"),
)
"""Functions of NumPy that make arrays and do not ask the type of their arguments; the others follow their arguments."""

_OPAQUE = ("carray", "cfunc", "farray", "guvectorize", "stencil", "vectorize")
"""What runs as machine code here too, or reaches memory through a pointer, so that accesses are not seen."""

_threads = [1]
_unfollowed: list[str] = []
_constructors: dict[str, Any] = {}


def _in_order(*shape: Any) -> Iterator[Any]:
    return iter(np.ndindex(*shape))


def _first_thread() -> int:
    return 0


@dataclass(frozen=True)
class Parallel:
    """What stands for numba's parallel loops; by default there is one thread, and a prange is a range.

    Args:
        threads: what get_num_threads returns, unless the file calls set_num_threads.
        prange: takes what range takes.
        pndindex: takes a shape; gives tuples.
        get_thread_id: the number of the thread that runs the current iteration.
    """

    threads: int = 1
    prange: Callable[..., Any] = range
    pndindex: Callable[..., Any] = _in_order
    get_thread_id: Callable[[], int] = _first_thread


def install(
    path: str,
    kind: type[Followed],
    parallel: Parallel | None = None,
    around: Callable[[Any, dict[str, Any]], Any] | None = None,
) -> None:
    """Change numba and NumPy in this process for the file at `path`, which is to be loaded next.

    Args:
        path: the learner's file.
        kind: what the arrays become that the file makes.
        parallel: what stands for parallel loops.
        around: gets a function that stands under @njit, and the decorator's options; gives what is called for it.
    """
    import numba
    from numba.core import decorators
    from numba.np import ufunc
    from numba.np.ufunc import parallel as of_numba

    parallel = parallel or Parallel()
    learner.path, learner.thread = path, threading.get_ident()
    np.seterr(all="ignore")  # machine code does not warn either
    numba.config.DISABLE_JIT = 1  # numba's own: jitclass and typed containers become plain Python
    numba.config.NUMBA_NUM_THREADS = _threads[0] = parallel.threads
    jit = _without_compiler(decorators.jit, around or (lambda function, _: function))
    numba.jit = numba.njit = decorators.jit = decorators.njit = jit
    numba.prange = numba.misc.special.prange = parallel.prange
    numba.pndindex = numba.misc.special.pndindex = parallel.pndindex
    given = {
        "get_num_threads": get_num_threads,
        "set_num_threads": _set_num_threads,
        "get_thread_id": parallel.get_thread_id,
        "set_parallel_chunksize": _set_parallel_chunksize,
    }
    for module in (numba, ufunc, of_numba):
        for name, function in given.items():
            setattr(module, name, function)
    for name in _OPAQUE:
        setattr(numba, name, _noting(name, getattr(numba, name)))
    for name in _CONSTRUCTORS:
        _constructors[name] = _following(getattr(np, name), kind)
        setattr(np, name, _constructors[name])
    stride_tricks = np.lib.stride_tricks  # it forgets the type of its argument
    stride_tricks.as_strided = _following(stride_tricks.as_strided, kind)


def unfollowed() -> tuple[str, ...]:
    """What the file has used that hides accesses, in words: `numba.stencil`, `threads of its own`."""
    return tuple(_unfollowed)


def replaced() -> tuple[str, ...]:
    """The functions of NumPy that the file has put others in the place of, in words: `np.zeros`."""
    return tuple(f"np.{name}" for name, ours in _constructors.items() if getattr(np, name, None) is not ours)


def note(what: str) -> None:
    """Note that the file uses what hides its accesses."""
    if what not in _unfollowed:
        _unfollowed.append(what)


def get_num_threads() -> int:
    """How many threads the file sees."""
    return _threads[0]


def _set_num_threads(n: int) -> None:
    _threads[0] = int(n)


def _set_parallel_chunksize(n: int) -> int:  # noqa: ARG001
    return 0


def _without_compiler(
    compiling: Callable[..., Any], around: Callable[[Any, dict[str, Any]], Any]
) -> Callable[..., Any]:
    def jit(signature_or_function: Any = None, *rest: Any, **options: Any) -> Any:
        def decorate(function: Any) -> Any:
            if not inspect.isfunction(function) or function.__code__.co_filename != learner.path:
                return compiling(signature_or_function, *rest, **options)(function)
            run = around(function, options)
            run.py_func = function
            return run

        if inspect.isfunction(signature_or_function):
            function, signature_or_function = signature_or_function, None
            return decorate(function)
        return decorate

    return jit


def _noting(name: str, function: Any) -> Callable[..., Any]:
    def noted(*args: Any, **options: Any) -> Any:
        if sys._getframe(1).f_code.co_filename == learner.path:
            note(f"numba.{name}")
        return function(*args, **options)

    return noted


def _following(constructor: Any, kind: type[Followed]) -> Callable[..., Any]:
    @functools.wraps(constructor)
    def make(*args: Any, **options: Any) -> Any:
        if sys._getframe(1).f_code.co_filename != learner.path:
            return constructor(*args, **options)
        return run_plain(constructor, args, options, kind)

    return make
