"""Make Triton's interpreter compute with bfloat16, whose bits it keeps as integers and adds and multiplies as such.

`install()` is called by the worker after `interpreter.install()`. Operands become float32, which holds every bfloat16,
and each result is rounded to nearest, ties to even, as torch does on a CPU. `tl.dot` and casts to float32 are exact.

Limits: a reduction over bfloat16 is summed in float32 and rounded once, where a GPU may round every sum. Left as they
are: atomics (the interpreter refuses them), casts between bfloat16 and the floats of 8 bits, or that do not round to
nearest, and `tl.device_print`, which shows the bits.
"""

import inspect
from functools import cache, wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.course.problems.operands import encode


@cache
def install() -> list[str]:
    """Put bfloat16 into Triton's interpreter, once; return one line for each part that could not be put there."""
    from triton.runtime import interpreter

    changes = (
        ("arithmetic on bfloat16 is wrong", _compute_in_float32),
        ("casts from and to bfloat16 are wrong", _cast_and_round),
        ("tl.dot of bfloat16 is wrong", _multiply_in_float32),
        ("reductions of bfloat16 are wrong", _reduce_in_float32),
        ("constants of bfloat16 raise an error", _make_constants),
    )
    return [
        f"Triton's interpreter has changed: {otherwise}" for otherwise, change in changes if not change(interpreter)
    ]


def to_float32(bits: NDArray[np.uint16]) -> NDArray[np.float32]:
    """The values of bfloat16 numbers, given as their bits."""
    return (np.asarray(bits).astype(np.uint32) << 16).view(np.float32)


def _is_short(handle: Any) -> bool:
    """Whether a handle holds bfloat16: the interpreter gives comparisons the type of what was compared."""
    return bool(handle.dtype.scalar.name == "bf16" and handle.data.dtype == np.uint16)


def _has(owner: Any, name: str, *parameters: str) -> bool:
    """True if `owner` has a function `name` whose first parameters are called like this."""
    function = vars(owner).get(name)
    return callable(function) and tuple(inspect.signature(function).parameters)[: len(parameters)] == parameters


def _widened(interpreter: Any, handle: Any) -> Any:
    return interpreter.TensorHandle(to_float32(handle.data), interpreter.tl.float32) if _is_short(handle) else handle


def _rounded(interpreter: Any, values: Any) -> Any:
    return interpreter.TensorHandle(encode(np.asarray(values), "bfloat16"), interpreter.tl.bfloat16)


def _compute_in_float32(interpreter: Any) -> bool:
    builder = interpreter.InterpreterBuilder
    operations = {"unary_op": ("arg",), "binary_op": ("lhs", "rhs"), "ternary_op": ("lhs", "rhs", "other")}
    if not all(_has(builder, name, "self", *operands, "op") for name, operands in operations.items()):
        return False
    if not _has(builder, "create_fma", "self", "x", "y", "z"):
        return False

    def computing(plain: Any) -> Any:
        @wraps(plain)
        def operate(self: Any, *arguments: Any) -> Any:
            *operands, op = arguments
            if op is np.where or not any(map(_is_short, operands)):
                return plain(self, *operands, op)
            with np.errstate(all="ignore"):  # a GPU does not warn of NaN and infinity either
                values = op(*(_widened(interpreter, operand).data for operand in operands))
            if values.dtype == np.bool_:
                return interpreter.TensorHandle(values, interpreter.tl.int1)
            return _rounded(interpreter, values)

        return operate

    for name in operations:
        setattr(builder, name, computing(getattr(builder, name)))
    fma = builder.create_fma

    def create_fma(self: Any, x: Any, y: Any, z: Any) -> Any:
        if not any(map(_is_short, (x, y, z))):
            return fma(self, x, y, z)
        # float64 holds the product and the sum so well that they are rounded once.
        a, b, c = (_widened(interpreter, operand).data.astype(np.float64) for operand in (x, y, z))
        with np.errstate(all="ignore"):
            return _rounded(interpreter, a * b + c)

    builder.create_fma = create_fma
    return True


def _cast_and_round(interpreter: Any) -> bool:
    builder = interpreter.InterpreterBuilder
    if not _has(builder, "cast_impl", "self", "src", "dst_type"):
        return False
    plain = builder.cast_impl

    def cast_impl(self: Any, src: Any, dst_type: Any) -> Any:
        to_short = dst_type.scalar.name == "bf16"
        if _is_short(src):
            return src if to_short else plain(self, _widened(interpreter, src), dst_type)
        return _rounded(interpreter, src.data) if to_short else plain(self, src, dst_type)

    builder.cast_impl = cast_impl
    return True


def _multiply_in_float32(interpreter: Any) -> bool:
    builder = interpreter.InterpreterBuilder
    if not _has(builder, "create_dot", "self", "a", "b", "d"):
        return False
    plain = builder.create_dot

    def create_dot(self: Any, a: Any, b: Any, d: Any, *rest: Any, **named: Any) -> Any:
        # If these are rounded to tf32 they stay what they are: it has more bits.
        return plain(self, _widened(interpreter, a), _widened(interpreter, b), d, *rest, **named)

    builder.create_dot = create_dot
    return True


def _reduce_in_float32(interpreter: Any) -> bool:
    """tl.reduce and tl.associative_scan, and what is made of them."""
    operation = getattr(interpreter, "ReduceScanOpInterface", None)
    if operation is None or not _has(operation, "apply", "self", "input"):
        return False
    plain, tl = operation.apply, interpreter.tl

    def widened(tensor: Any) -> Any:
        if not (isinstance(tensor, tl.tensor) and _is_short(tensor.handle)):
            return tensor
        return tl.tensor(_widened(interpreter, tensor.handle), _with_element(tl, tensor.type, tl.float32))

    def rounded(tensor: Any) -> Any:
        if tensor.dtype is not tl.float32 and tensor.dtype.name != "fp32":
            return tensor  # an index
        return tl.tensor(_rounded(interpreter, tensor.handle.data), _with_element(tl, tensor.type, tl.bfloat16))

    def apply(self: Any, input: Any) -> Any:  # noqa: A002
        if not isinstance(input, tuple):
            return self.apply((input,))[0]
        wide = tuple(map(widened, input))
        results = plain(self, wide)
        return tuple(
            rounded(result) if i < len(input) and wide[i] is not input[i] else result
            for i, result in enumerate(results)
        )

    operation.apply = apply
    return True


def _with_element(tl: Any, of: Any, element: Any) -> Any:
    return tl.block_type(element, list(of.shape)) if of.is_block() else element


def _make_constants(interpreter: Any) -> bool:
    builder = interpreter.InterpreterBuilder
    if not hasattr(builder, "get_bf16"):
        builder.get_bf16 = lambda _self, value: _rounded(interpreter, np.array([value], np.float32))
    return True
