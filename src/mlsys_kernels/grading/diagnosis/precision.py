"""Bits that were lost: what C would be if operands, products, the sum or the result had been kept in a shorter type."""

from collections.abc import Callable, Iterator

import numpy as np

from mlsys_kernels.course.problems.operands import UNIT_ROUNDOFF
from mlsys_kernels.course.spec import DType
from mlsys_kernels.grading.diagnosis.evidence import ENOUGH, Evidence, Float64, Suspect, rounded

NEAR = 0.02
"""Error, as a share of the right values, up to which lost precision is the likely cause."""
SIMULATED = 1 << 22
"""Terms M N K up to which sums are repeated step by step."""
STEPS = (1, 2, 4, 8, 16, 32, 64, 128)
"""Terms that are summed before each rounding of the accumulator: one, or a tile of K."""
BITS = {"float16": 11, "bfloat16": 8, "float32": 24}
TF32 = (
    "the operands are rounded to tf32 (11 significant bits): for float32, tl.dot does that unless it is told "
    'input_precision="ieee"'
)


def precision(evidence: Evidence) -> Iterator[Suspect]:
    """What C would be if bits had been lost, the operands first."""
    a, b, right = evidence.expect.a, evidence.expect.b, evidence.expect.value
    if not np.isfinite(right).all():
        return
    torch = evidence.expect.library == "torch"
    if torch:  # before float16: on most numbers the two round alike
        yield Suspect("tf32", TF32, evidence.finished(_tf32(a), _tf32(b)))
    for dtype in _shorter(evidence.expect.dtype):
        whole = evidence.finished(rounded(a, dtype), rounded(b, dtype))
        cause = f"the operands are rounded to {dtype} before they are multiplied"
        if evidence.expect.bound is None:  # one matrix holds powers of two
            cause += ", or each product is: with these numbers that is the same"
        for name, x, y in (("A", rounded(a, dtype), b), ("B", a, rounded(b, dtype))):
            if not np.array_equal(one := evidence.finished(x, y), whole):
                yield Suspect(_kind(dtype, "operands"), f"{name} is rounded to {dtype} before it is multiplied", one)
        yield Suspect(_kind(dtype, "operands"), cause, whole)
        cause = f"the result is rounded to {dtype} on its way out"
        yield Suspect(_kind(dtype, "result"), cause, rounded(right, dtype))
    if not torch:
        yield Suspect("tf32", "the operands are rounded to tf32 (11 significant bits)",
                      evidence.finished(_tf32(a), _tf32(b)))  # fmt: skip
    for word, bits in _cuts(evidence.expect.dtype):
        cause = f"the operands are cut to {bits} significant bits ({word}), toward zero, before they are multiplied"
        yield Suspect("truncated", cause, evidence.finished(_cut(a, bits), _cut(b, bits)))
        cause = f"the result is cut to {bits} significant bits ({word}), toward zero"
        yield Suspect("truncated", cause, _cut(right, bits))
    if evidence.wrong.size * evidence.terms <= SIMULATED:
        yield from _step_by_step(evidence)
    yield Suspect(
        "integer-accumulator",
        "the sum is kept in an integer, which cuts the fractions off",
        evidence.expect.finish(np.trunc(a @ b)),
    )
    yield Suspect("integer-accumulator", "the operands are turned into integers, which cuts their fractions off",
                  evidence.finished(np.trunc(a), np.trunc(b)))  # fmt: skip
    for word, whole_number in (("down", np.floor), ("to the nearest", np.rint)):
        cause = f"the result is rounded {word} to whole numbers"
        yield Suspect("integer-accumulator", cause, evidence.expect.finish(whole_number(a @ b)))


def _step_by_step(evidence: Evidence) -> Iterator[Suspect]:
    """Sums whose accumulator, or whose products, are rounded as they go."""
    # fmt: off
    yield Suspect("integer-accumulator", "the sum is kept in an integer, which cuts the fractions off at every step",
                  _summed(evidence, np.trunc, 1))
    yield Suspect("integer-accumulator", "every product is turned into an integer before it is added",
                  _products(evidence, np.trunc))
    # fmt: on
    dtypes: list[DType] = [*_shorter(evidence.expect.dtype)]
    if evidence.expect.dtype in ("float16", "bfloat16"):
        dtypes.insert(0, evidence.expect.dtype)
    for dtype in dtypes:
        yield Suspect(_kind(dtype, "products"), f"every product is rounded to {dtype} before it is added",
                      _products(evidence, lambda x, d=dtype: rounded(x, d)))  # type: ignore[misc]  # fmt: skip
        for step in STEPS:
            if step > 1 and step >= evidence.terms:
                break
            after = "every term" if step == 1 else f"every {step} terms"
            yield Suspect(
                _kind(dtype, "accumulator"),
                f"the sum is kept in {dtype}: it is rounded after {after}, and small terms are lost",
                _summed(evidence, lambda x, d=dtype: rounded(x, d), step),  # type: ignore[misc]
            )
        yield Suspect(
            _kind(dtype, "accumulator"),
            f"the sum is kept in {dtype}, and every product is rounded to {dtype} as well",
            _summed(evidence, lambda x, d=dtype: rounded(x, d), 1, products=True),  # type: ignore[misc]
        )


def _summed(
    evidence: Evidence, rounding: Callable[[Float64], Float64], step: int, *, products: bool = False
) -> Float64:
    a, b = evidence.expect.a, evidence.expect.b
    c = np.zeros(evidence.got.shape)
    for k in range(0, evidence.terms, step):
        part = a[:, k : k + step] @ b[k : k + step]
        c = rounding(c + (rounding(part) if products else part))
    return evidence.expect.finish(c)


def _products(evidence: Evidence, rounding: Callable[[Float64], Float64]) -> Float64:
    a, b = evidence.expect.a, evidence.expect.b
    c = np.zeros(evidence.got.shape)
    for k in range(evidence.terms):
        c += rounding(np.multiply.outer(a[:, k], b[k]))
    return evidence.expect.finish(c)


def too_short(evidence: Evidence) -> tuple[str, str] | None:
    """Name and cause, if the values are near the right ones but not right: bits were lost, in an order unknown."""
    expect = evidence.expect
    right, seen = expect.value[evidence.wrong], evidence.got[evidence.wrong]
    if evidence.wrong.sum() < ENOUGH or not seen.any() or not (np.isfinite(right).all() and np.isfinite(seen).all()):
        return None
    error = np.linalg.norm(seen - right)
    if error > NEAR * np.linalg.norm(right) or not _everywhere(right, seen):
        return None
    for dtype in _shorter(expect.dtype):
        if (rounded(seen, dtype) == seen).all() and not (rounded(right, dtype) == right).all():
            return _kind(dtype, "accumulator"), f"every wrong value is a {dtype} number: the sum is kept in {dtype}"
    if expect.dtype in ("float16", "bfloat16"):
        text = f"the errors are larger than one rounding to {expect.dtype} makes: the sum is kept in {expect.dtype}"
        return "half-accumulator", text
    return "lost-bits", "the values are near the right ones: the sum is kept in too few bits, or rounded on the way"


def _everywhere(right: Float64, seen: Float64) -> bool:
    """Whether every single error is small beside the values around it: rounding hits none hard."""
    return bool(np.abs(seen - right).max() <= 4 * NEAR * np.sqrt(np.mean(right**2)))


def _kind(dtype: DType, what: str) -> str:
    """The name for `what` rounded to `dtype`."""
    return "float32-in-float64" if dtype == "float32" else f"half-{what}"


def _shorter(dtype: DType) -> Iterator[DType]:
    """The types that have fewer bits than `dtype`, or another split of as many."""
    shorter: tuple[DType, ...] = ("float16", "bfloat16", "float32")
    for other in shorter:
        if other != dtype and not (other == "float32" and dtype in ("float16", "bfloat16")):
            yield other


def _cuts(dtype: DType) -> Iterator[tuple[str, int]]:
    for word, bits in (("float32", 24), ("tf32 or float16", 11), ("bfloat16", 8)):
        if 2.0**-bits > UNIT_ROUNDOFF[dtype]:
            yield word, bits


def _cut(x: Float64, bits: int) -> Float64:
    """Keep the first `bits` significant bits and drop the others."""
    fraction, exponent = np.frexp(x)
    return np.asarray(np.ldexp(np.trunc(np.ldexp(fraction, bits)), exponent - bits))


def _tf32(x: Float64) -> Float64:
    """Round to the 11 significant bits that a tensor core keeps of a float32 (to nearest, ties away from zero)."""
    bits = x.astype(np.float32).view(np.uint32)
    return ((bits + np.uint32(0x1000)) & np.uint32(0xFFFFE000)).view(np.float32).astype(np.float64)
