"""In the worker: numba keeps the machine code of a submission on disk, and its compiling is counted apart."""

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any


def keep_machine_code(path: str) -> None:
    """Make every @njit in the file at `path` keep its machine code in numba's cache folder, as if it said cache=True.

    Functions from elsewhere are left alone: numba generates some from text, for @jitclass, and those have no file.
    """
    import numba

    if _calls_itself(path):
        return  # numba 0.68 crashes when it loads a recursive function from its cache

    def caching(plain: Any) -> Any:
        def options_for(function: Any, options: dict[str, Any]) -> dict[str, Any]:
            code = getattr(function, "__code__", None)
            return {"cache": True} | options if code is not None and code.co_filename == path else options

        def decorate(*args: Any, **options: Any) -> Any:
            if args and inspect.isfunction(args[0]):
                return plain(*args, **options_for(args[0], options))
            return lambda function: plain(*args, **options_for(function, options))(function)

        return decorate

    numba.njit, numba.jit = caching(numba.njit), caching(numba.jit)


def _calls_itself(path: str) -> bool:
    """Whether a function of the file calls itself."""
    functions = [node for node in ast.walk(ast.parse(Path(path).read_bytes())) if isinstance(node, ast.FunctionDef)]
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function.name
        for function in functions
        for node in ast.walk(function)
    )


def tell_when_compiling(note: Callable[[bool], None]) -> None:
    """Call `note(True)` when numba starts to compile and `note(False)` when it is done."""
    from numba.core import event

    class Listener(event.Listener):  # type: ignore[misc]  # numba has no types
        def __init__(self) -> None:
            self.depth = 0

        def on_start(self, _event: Any) -> None:
            self.depth += 1
            note(True)

        def on_end(self, _event: Any) -> None:
            self.depth -= 1
            if self.depth <= 0:
                note(False)

    event.register("numba:compile", Listener())
