"""Judge what came back against what was expected, in this order: type, shape, dtype, then the values."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.course.problems.operands import decode, encode
from mlsys_kernels.course.spec import Answer, Call, Large, Matrix, Mistake
from mlsys_kernels.grading.answers import Foreign, Returned
from mlsys_kernels.grading.diagnosis import diagnose
from mlsys_kernels.grading.verdict import printable


def wrong_kind(expect: Matrix | Large, value: Any) -> Mistake | None:
    """The returned thing is not an array of the right library, shape and dtype."""
    wanted = {"numpy": "NumPy array", "torch": "torch tensor"}[expect.library]
    shape, dtype = expect.shape, expect.dtype
    if value is None:
        cause = "the function ends without a return statement"
        return Mistake("it returned None", f"expected a {wanted} of shape {shape}, {dtype}", cause, "no-return")
    if not isinstance(value, Returned) or value.library != expect.library:
        cause = "return the array itself, of the same library as the operands"
        if isinstance(value, Foreign) and value.type_name in ("generator", "coroutine"):
            cause = "a `yield` or an `async def` makes the function return before any work is done"
        wanted = f"expected a {wanted} of shape {shape}, {dtype}"
        return Mistake(f"it returned {_kind(value)}", wanted, cause, "wrong-type")
    if value.shape != shape:
        cause = "C has one row per row of A and one column per column of B"
        if len(shape) == 2 and value.shape == shape[::-1]:
            cause = "rows and columns of C are exchanged"
        elif math.prod(value.shape) == math.prod(shape):
            cause = "the elements were rearranged, or a dimension of size 1 was dropped"
        return Mistake(f"the result has shape {value.shape}", f"expected {shape}", cause, "wrong-shape")
    if value.dtype != dtype:
        cause = "the result array is made without `dtype=a.dtype`"
        if value.dtype == "float64":
            cause += ", and NumPy's default is float64"
        return Mistake(
            f"the result is {value.dtype}", f"expected {dtype}, the type of the operands", cause, "wrong-dtype"
        )
    return None


def _kind(value: Any) -> str:
    if isinstance(value, Foreign):
        if (value.module, value.type_name) == ("numpy", "ndarray"):
            return "a NumPy array of objects"
        name = value.type_name if value.module == "builtins" else f"{value.module.split('.')[0]} {value.type_name}"
        return f"{'an' if name[:1] in 'aeiou' else 'a'} {printable(name)}"
    if isinstance(value, Returned):
        return {"numpy": "a NumPy array", "torch": "a torch tensor"}[value.library]
    return "an int" if type(value) is int else f"a {type(value).__name__}"


def wrong_elements(expect: Matrix, value: Returned) -> NDArray[np.bool_]:
    """Which elements are wrong, as a boolean array of the result's shape."""
    got = decode(value.data, expect.dtype)
    if expect.bound is None:
        right = got == decode(encode(expect.value, expect.dtype), expect.dtype)
    else:
        with np.errstate(invalid="ignore"):
            right = np.abs(got - expect.value) <= expect.bound
        if not np.isfinite(expect.value).all():
            # NaN and infinity must reach every element that they belong to. Kahan's sum turns infinity into NaN, and
            # Strassen's product spreads NaN further; both are right, and every other case judges them in full.
            right = np.isnan(got) | np.where(np.isfinite(expect.value), right, got == expect.value)
    return np.asarray(~right)


def wrong_values(
    call: Call,
    expect: Matrix,
    value: Returned,
    previous: Sequence[Returned],
    calls: Sequence[Call] = (),
    repeats: Sequence[Returned] = (),
) -> diagnose.Diagnosis | None:
    """What is wrong with the elements, and why; None if they are all right. For the rest, see `diagnose.diagnose`."""
    wrong = wrong_elements(expect, value)
    if not wrong.any():
        return None
    return diagnose.diagnose(call, expect, value, wrong, previous, calls, repeats)


_RATIOS = {2.0: "twice", 0.5: "half", 8.0: "8 times (bits for bytes?)", 0.125: "an eighth of (bytes for bits?)",
           4.0: "4 times", 0.25: "a quarter of", 1e3: "1,000 times (units?)", 1e-3: "a thousandth of (units?)",
           1e6: "a million times (units?)", 1e-6: "a millionth of (units?)", -1.0: "minus"}  # fmt: skip


def wrong_answer(answer: Answer, value: Any) -> Mistake | None:
    """A single number, string or boolean that is not the expected one."""
    unit = f" {answer.unit}" if answer.unit else ""
    wanted = _number(answer.value) + unit
    if value is None:
        cause = "the function ends without a return statement"
        return Mistake("it returned None", f"expected {wanted}", cause, "no-return")
    if isinstance(answer.value, bool | str):
        if type(value) is type(answer.value) and value == answer.value:
            return None
        return Mistake(
            f"it returned {_kind_or_value(value)}", f"expected {answer.value!r}", answer.because, "wrong-answer"
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        numbers = f"expected a number: {wanted}"
        return Mistake(f"it returned {_kind_or_value(value)}", numbers, answer.because, "wrong-answer")
    try:
        if math.isclose(value, answer.value, rel_tol=answer.relative, abs_tol=0.0):
            return None
        ratio = value / answer.value if answer.value else math.nan
    except OverflowError:
        ratio = math.inf
    numbers = f"expected {wanted}"
    word = next((word for r, word in _RATIOS.items() if math.isclose(ratio, r, rel_tol=1e-3)), None)
    if word:
        numbers += f"; yours is {word} that"
    elif math.isfinite(ratio):
        numbers += f"; yours / expected = {ratio:.4g}"
    return Mistake(f"it returned {_number(value)}{unit}", numbers, answer.because, "wrong-answer")


def _kind_or_value(value: Any) -> str:
    return printable(repr(value)[:80]) if isinstance(value, bool | int | float | str) else _kind(value)


def _number(value: float | str | bool) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}" if abs(value) < 10**15 else f"about 10^{len(str(abs(value))) - 1}"
    return f"{value:.6g}" if isinstance(value, float) else repr(value)
