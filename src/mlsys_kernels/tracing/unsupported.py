"""Refuse, in one sentence that names the feature, what Triton's interpreter does not have.

`refuse()` is called by `interpreter.install()`. Without it a kernel meets an error from inside Triton that tells a
learner nothing: "'str' object has no attribute 'value'" for tl.dot_scaled, "0 active drivers" for Gluon.

Limits: what is there but wrong is not found here. The names are private ones of Triton 3.6 and 3.7.
"""

import importlib
import inspect
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any, NoReturn


class NotInInterpreterError(AttributeError):
    """A kernel uses what Triton's interpreter lacks; hasattr() of a builder still answers False."""


def refuse(interpreter: Any) -> bool:
    """Put the refusals into Triton's interpreter; return False if it has changed too much for one of them."""
    from triton.runtime.jit import JITFunction

    builder, semantic = interpreter.InterpreterBuilder, vars(interpreter).get("interpreter_semantic")
    run = inspect.signature(JITFunction.run).parameters if hasattr(JITFunction, "run") else {}
    if semantic is None or not (hasattr(semantic, "dot_scaled") and "grid" in run and hasattr(JITFunction, "is_gluon")):
        return False
    builder.__getattr__ = _missing_operation
    if not hasattr(builder, "create_dot_scaled"):
        semantic.dot_scaled = _refusing("tl.dot_scaled")
    # Under TRITON_INTERPRET every @triton.jit makes an InterpretedFunction; what is left for the compiler is Gluon.
    JITFunction.run = _refuse_compiled
    for name, module in _libraries(interpreter.tl.extra):
        for function in [item for item, value in vars(module).items() if isinstance(value, FunctionType)]:
            if not function.startswith("_"):
                setattr(module, function, _refusing(f"{name}.{function}"))
    return True


def _libraries(extra: ModuleType) -> Iterator[tuple[str, ModuleType]]:
    """The libraries of NVIDIA and AMD, whose functions are machine code: libdevice.exp, cuda.globaltimer, ..."""
    yield "libdevice", importlib.import_module(f"{extra.__name__}.libdevice")
    for vendor in ("cuda", "hip"):
        package = getattr(extra, vendor, None)
        if package is not None:
            yield vendor, package
            yield from ((f"{vendor}.{name}", item) for name, item in vars(package).items() if inspect.ismodule(item))


def _refusal(feature: str) -> NotInInterpreterError:
    import triton

    return NotInInterpreterError(
        f"{feature} is not in the interpreter of Triton {triton.__version__}, which runs kernels here: it needs a GPU"
    )


def _refusing(feature: str) -> Any:
    def refused(*_args: Any, **_named: Any) -> NoReturn:
        raise _refusal(feature)

    return refused


def _missing_operation(_builder: Any, name: str) -> NoReturn:
    if name.startswith("_"):
        raise AttributeError(name)
    raise _refusal(f"an operation of this line, {name.removeprefix('create_')},")


def _refuse_compiled(self: Any, *_args: Any, grid: Any = None, **_named: Any) -> NoReturn:
    del grid  # the parameter by which a second `refuse()` knows this function
    raise _refusal("Gluon" if self.is_gluon() else f"the compiled kernel {self.__name__}")
