"""Make Triton's interpreter, which runs kernels on the CPU, as strict as a GPU where it is silently kinder.

`install()` is called by the worker before it loads a file, in a process that has TRITON_INTERPRET=1 set. It changes
methods of Triton's own interpreter, whose names are private: each change is made only where the method is there with
the parameters that it had in Triton 3.6 and 3.7; otherwise it is left out and said so. bfloat16 stays wrong: the
interpreter computes on its raw 16-bit integers.
"""

import inspect
import warnings
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.tracing import unsupported

FULL_PRECISION = ("IEEE", "TF32X3")
"""Values of input_precision for which tl.dot keeps all 24 bits of a float32, the second by three tf32 products."""

LEAST_DOT_K = {8: 32, 16: 16, 32: 16, 64: 16}
"""The shortest K of tl.dot that Triton 3.7 compiles for NVIDIA GPUs, by the bits of an operand; M and N may be 1."""

_counted: dict[str, int] = {}
"""Entries "kernels" and "flops", each once it is counted."""

_NUMPY_FLOATS: dict[str, Any] = {"fp16": np.float16, "fp32": np.float32, "fp64": np.float64}


@cache
def install() -> list[str]:
    """Change Triton's interpreter in this process, once; return one line for each change that could not be made.

    - tl.dot on float32 rounds its operands to tf32, its default on a GPU, unless input_precision says otherwise.
    - A masked load without `other` gives NaN in its masked lanes, which on a GPU may hold anything (floats, two
      lanes or more).
    - tl.maximum and tl.minimum of NaN and a number give the number, their default on a GPU.
    - @triton.autotune takes its first configuration: there is no GPU to measure on.
    - A loop over a size that is an argument works in Triton 3.6 with NumPy 2.4 too.
    - tl.dot refuses a K that is too short for a GPU; its FLOPs and the launches are counted.
    - What the interpreter lacks is refused in a sentence that names it.
    - What a kernel raises comes out as it is, not wrapped once for every function that it passed.
    - NumPy does not warn of NaN and infinity in a kernel: a GPU does not either.
    """
    from triton import knobs
    from triton.runtime import interpreter
    from triton.runtime.autotuner import Autotuner

    warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"triton\.runtime\.interpreter")
    changes = (
        ("tl.dot rounds no float32 to tf32", _round_dot_operands, interpreter),
        ("a masked load without `other` gives 0", _spoil_masked_lanes, interpreter),
        ("tl.maximum and tl.minimum keep NaN", _drop_nan_in_extremes, interpreter),
        ("range() over an argument may raise TypeError", _let_sizes_count, interpreter),
        ("@triton.autotune fails with 0 active drivers", _take_first_configuration, Autotuner),
        ("errors in a kernel come wrapped", partial(_raise_as_it_is, knobs.compilation), interpreter),
        ("launches are not counted", _count_launches, interpreter),
        ("what it lacks is not named", unsupported.refuse, interpreter),
    )
    return [
        f"Triton's interpreter has changed: {otherwise}" for otherwise, change, target in changes if not change(target)
    ]


def launches() -> int | None:
    """How many kernels this process has launched since `install()`; None if that is not known."""
    return _counted.get("kernels")


def dot_flops() -> int | None:
    """FLOPs of every tl.dot since `install()`, 2 M N K for each; None if that is not known."""
    return _counted.get("flops")


def to_tf32(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round float32 to the 11 significant bits of tf32, ties away from zero, as the instruction cvt.rna.tf32 does."""
    bits = np.ascontiguousarray(x).view(np.uint32)
    rounded = ((bits + np.uint32(0x1000)) & np.uint32(0xFFFFE000)).view(np.float32)
    return np.where(np.isfinite(x), rounded, x)  # the carry would turn some NaNs into numbers


def _has(owner: Any, name: str, *parameters: str) -> bool:
    """True if `owner` has a function `name` whose first parameters are called like this."""
    function = vars(owner).get(name)
    return callable(function) and tuple(inspect.signature(function).parameters)[: len(parameters)] == parameters


def _round_dot_operands(interpreter: Any) -> bool:
    builder = interpreter.InterpreterBuilder
    if not _has(builder, "create_dot", "self", "a", "b", "d", "input_precision"):
        return False
    plain = builder.create_dot

    def create_dot(self: Any, a: Any, b: Any, d: Any, input_precision: Any, *rest: Any) -> Any:
        least = LEAST_DOT_K.get(a.dtype.scalar.primitive_bitwidth, 1)
        if a.data.shape[-1] < least:
            raise ValueError(
                f"tl.dot of {a.dtype.scalar} blocks with K = {a.data.shape[-1]}: a GPU's tensor cores need K >= {least}"
            )
        _counted["flops"] += 2 * a.data.size * b.data.shape[-1]
        name = getattr(input_precision, "name", str(input_precision)).upper()
        if a.dtype.scalar.name == "fp32" and name not in FULL_PRECISION:
            a, b = (interpreter.TensorHandle(to_tf32(x.data), x.dtype) for x in (a, b))
        return plain(self, a, b, d, input_precision, *rest)

    builder.create_dot = create_dot
    _counted["flops"] = 0
    return True


def _spoil_masked_lanes(interpreter: Any) -> bool:
    builder = interpreter.InterpreterBuilder
    if not _has(builder, "create_masked_load", "self", "ptrs", "mask", "other"):
        return False
    plain = builder.create_masked_load

    def create_masked_load(self: Any, ptrs: Any, mask: Any, other: Any, *rest: Any, **named: Any) -> Any:
        element = ptrs.get_element_ty()
        # Triton tests `if other:`, so that a block of one lane arrives here without its other=0.0.
        several = ptrs.data.size > 1
        if other is None and several and element.name in _NUMPY_FLOATS and not np.asarray(mask.data).all():
            nan = np.full(ptrs.data.shape, np.nan, _NUMPY_FLOATS[element.name])
            other = interpreter.TensorHandle(nan, element)
        return plain(self, ptrs, mask, other, *rest, **named)

    builder.create_masked_load = create_masked_load
    return True


def _drop_nan_in_extremes(interpreter: Any) -> bool:
    builder = interpreter.InterpreterBuilder
    if not all(_has(builder, name, "self", "lhs", "rhs") for name in ("create_maxnumf", "create_minnumf", "binary_op")):
        return False
    builder.create_maxnumf = lambda self, lhs, rhs: self.binary_op(lhs, rhs, np.fmax)
    builder.create_minnumf = lambda self, lhs, rhs: self.binary_op(lhs, rhs, np.fmin)
    return True


def _let_sizes_count(interpreter: Any) -> bool:
    """Triton 3.6 turns an argument into an int by int(array of shape (1,)), which NumPy 2.4 refuses."""
    if not _has(interpreter, "_patch_lang_tensor", "tensor"):
        return False
    plain = interpreter._patch_lang_tensor

    def _patch_lang_tensor(tensor: Any, *rest: Any) -> None:
        plain(tensor, *rest)
        tensor.__index__ = lambda self: int(self.handle.data.item())

    interpreter._patch_lang_tensor = _patch_lang_tensor
    return True


def _take_first_configuration(autotuner: Any) -> bool:
    if "do_bench" not in vars(autotuner):
        return False
    # All configurations take equally long, so that min() picks the first; none is run but for the result.
    autotuner.do_bench = property(lambda _self: lambda *_args, **_named: [0.0, 0.0, 0.0])
    return True


def _raise_as_it_is(compilation: Any, interpreter: Any) -> bool:
    function = interpreter.InterpretedFunction
    if not (_has(function, "__call__", "self") and hasattr(compilation, "front_end_debugging")):
        return False
    plain = function.__call__

    def call(self: Any, *args: Any, **named: Any) -> Any:
        try:
            return plain(self, *args, **named)
        except interpreter.InterpreterError as error:
            raise error.__cause__ or error from None

    function.__call__ = call
    compilation.front_end_debugging = True  # for the kernel itself; calls of other functions are wrapped regardless
    return True


def _count_launches(interpreter: Any) -> bool:
    executor = interpreter.GridExecutor
    if not _has(executor, "__call__", "self"):
        return False
    plain = executor.__call__

    def __call__(self: Any, *args: Any, **named: Any) -> Any:  # noqa: N807
        _counted["kernels"] += 1
        return plain(self, *args, **named)

    executor.__call__ = __call__
    _counted["kernels"] = 0
    return True
