"""Find indices out of bounds: compile the file's functions serially, with every index checked.

Numba's compiled code does not check an index, and inside a prange loop of parallel code it cannot: the exception is
lost there. `install(path)` is called by the worker, in a process of its own with a cache folder of its own (numba's
cache does not know the flags), after numba is imported and before the file at `path` is loaded. From then on @njit and
@jit compile the file's functions with boundscheck=True and parallel=False, which makes prange a range; all other
options stay. When the file then raises, ask `locate()` first, then `fault_of()`.

An index from -n to -1 counts from the end and is legal, and so is a slice that is too long: neither is a fault.

Limits. Ufuncs of @vectorize and @guvectorize and stencils are not checked; an array of carray is checked against the
shape that the file gives it.
"""

import functools
import inspect
import linecache
import re
from collections.abc import Sequence
from itertools import islice
from numbers import Integral
from types import TracebackType
from typing import Any

from mlsys_kernels.tracing.fault import MemoryFault

_OF_NUMBA = "index is out of bounds"
_OF_NUMPY = re.compile(r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)")
_BECAUSE = "compiled code does not check an index: it reads, or overwrites, whatever memory is there"


def install(path: str) -> None:
    """Make @njit and @jit check every index in functions of the file at `path`, which is to be loaded next."""
    import numba
    from numba.core import decorators

    compiling = decorators.jit

    @functools.wraps(compiling)
    def jit(signature_or_function: Any = None, *rest: Any, **options: Any) -> Any:
        def decorate(function: Any) -> Any:
            ours = inspect.isfunction(function) and function.__code__.co_filename == path
            checked = options | {"parallel": False, "boundscheck": True} if ours else options
            if function is signature_or_function:
                return compiling(function, *rest, **checked)
            return compiling(signature_or_function, *rest, **checked)(function)

        return decorate(signature_or_function) if inspect.isfunction(signature_or_function) else decorate

    numba.jit = decorators.jit = jit  # njit calls it, and so does jitclass for its methods


def fault_of(error: BaseException, path: str) -> MemoryFault | None:
    """The fault that `error` tells of, without the array's name; None if it is not about an index of an array.

    Numba does not say where it happened; for NumPy's own message the line is known.
    """
    if type(error) is not IndexError:
        return None
    if str(error) == _OF_NUMBA:
        return MemoryFault("out-of-bounds", "an index of an array is out of bounds", None, _BECAUSE)
    return _named(error, path)


def locate(function: Any, args: Sequence[Any]) -> MemoryFault | None:
    """Run the file's function once more, in plain Python, up to the first index out of bounds.

    Args:
        function: a function of the file, compiled or not; what its module has compiled runs as Python meanwhile.
        args: its arguments, small arrays; the function may write to them.

    Returns:
        the fault with line, array, index and size, or None if plain Python meets none, or cannot run the file.
    """
    python = getattr(function, "py_func", function)
    names = getattr(python, "__globals__", None) or getattr(type(python).__call__, "__globals__", {})
    compiled = {name: value for name, value in names.items() if inspect.isfunction(getattr(value, "py_func", None))}
    names.update({name: value.py_func for name, value in compiled.items()})
    try:
        python(*args)
    except BaseException as error:
        return _named(error, names.get("__file__", "")) if type(error) is IndexError else None
    finally:
        names.update(compiled)
    return None


def _named(error: IndexError, path: str) -> MemoryFault | None:
    """NumPy's own error as a fault, with the expression of the learner's file that raised it; None if it is another."""
    found = _OF_NUMPY.search(str(error))
    at, innermost = error.__traceback__, None
    while at is not None:
        innermost = at if at.tb_frame.f_code.co_filename == path else innermost
        at = at.tb_next
    if found is None or innermost is None:
        return None
    index, axis, size = found.groups()
    what = f"{_expression(innermost)} is out of bounds: the index is {index}, and axis {axis} has {size} elements"
    return MemoryFault("out-of-bounds", what, innermost.tb_lineno, _BECAUSE)


def _expression(at: TracebackType) -> str:
    """The text of the subscript that was being evaluated, with the values of the integers in it."""
    code, last = at.tb_frame.f_code, at.tb_lasti
    line, end_line, start, end = next(islice(code.co_positions(), last // 2, None))
    source = linecache.getline(code.co_filename, at.tb_lineno)
    if start is None or end is None or line != end_line:
        return f"an index in `{source.strip()}`"
    text = source.encode()[start:end].decode()
    words = sorted(set(re.findall(r"[^\W\d]\w*", text)))
    values = {word: at.tb_frame.f_locals.get(word) for word in words}
    told = ", ".join(f"{name} = {value}" for name, value in values.items() if isinstance(value, Integral))
    return f"{text} with {told}" if told else text
