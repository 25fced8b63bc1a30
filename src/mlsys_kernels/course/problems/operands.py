"""Matrices to multiply: how they are laid out in memory, and values that show a particular mistake.

`exact_pair` draws values for which *every* legal order of summation gives the same bits: one matrix holds integers of
many bits times a power of two, the other only -1 and 1 times a power of two, and all partial sums fit in the
accumulator's significand. A float16 or tf32 shortcut, one skipped term or one wrong element cannot hide there.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.course.spec import DType, Library, Operand

Layout = Literal["C", "F", "padded", "reversed"]

STORAGE: dict[DType, Any] = {
    "float16": np.float16,
    "bfloat16": np.uint16,
    "float32": np.float32,
    "float64": np.float64,
}

UNIT_ROUNDOFF: dict[DType, float] = {"float16": 2.0**-11, "bfloat16": 2.0**-8, "float32": 2.0**-24, "float64": 2.0**-53}

# Bits of the wide matrix. float32: more than the 11 that tf32 keeps, and few enough that 1,000 terms fit in the 24 of
# the significand. float64: the same idea with 53. The short formats are summed in float32: as many bits as they store.
_WIDE_BITS: dict[DType, int] = {"float16": 9, "bfloat16": 8, "float32": 13, "float64": 40}


def operand(
    values: NDArray[np.float64], dtype: DType, layout: Layout = "C", library: Library = "numpy", offset: int = 0
) -> Operand:
    """Store `values` (1-D or 2-D) as `dtype`, laid out in memory as asked.

    C: rows one after the other. F: columns one after the other, what `x.T` of a C matrix looks like. padded: a window
    of a wider C matrix, with a gap behind every row. reversed: a C matrix walked from its last row and column
    backwards (NumPy only). The gaps hold NaN, so reading one shows.
    """
    shape = values.shape
    rows, cols = shape if len(shape) == 2 else (1, shape[0])
    if layout == "C":
        size, steps, start = rows * cols, (cols, 1), 0
    elif layout == "F":
        size, steps, start = rows * cols, (1, rows), 0
    elif layout == "padded":
        width = cols + 5
        size, steps, start = rows * width, (width, 1), 2
    else:
        width = cols + 3
        size, steps, start = rows * width, (-width, -1), max(rows * width - 2, 0)
    strides = steps[-len(shape) :]
    buffer = encode(np.full(size + offset, np.nan), dtype)
    start += offset
    flat = start + sum(
        (np.arange(n) * s).reshape((-1,) + (1,) * (len(shape) - 1 - axis))
        for axis, (n, s) in enumerate(zip(shape, strides, strict=True))
    )
    buffer[flat] = encode(values, dtype)
    return Operand(buffer, dtype, shape, tuple(int(s) for s in strides), int(start), library)


def encode(values: NDArray[np.float64], dtype: DType) -> NDArray[Any]:
    """Round float64 values to `dtype` (to nearest, ties to even), in its storage type."""
    with np.errstate(over="ignore"):
        if dtype != "bfloat16":
            return values.astype(STORAGE[dtype])
        bits = values.astype(np.float32).view(np.uint32)
        rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
        return np.where(np.isnan(values), 0x7FC0, rounded).astype(np.uint16)


def decode(stored: NDArray[Any], dtype: DType) -> NDArray[np.float64]:
    """The values of an array in its storage type, as float64."""
    if dtype == "bfloat16":
        return (stored.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    return stored.astype(np.float64)


def exact_pair(
    rng: np.random.Generator, m: int, n: int, k: int, dtype: DType, wide: Literal["a", "b"] = "a"
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A (m, k) and B (k, n) whose product is exact in any order; `wide` says which one has the many bits."""
    limit = 2 ** _WIDE_BITS[dtype] - 1
    shapes = {"a": (m, k), "b": (k, n)}
    drawn: dict[str, NDArray[np.float64]] = {}
    for name, shape in shapes.items():
        integers = rng.integers(-limit, limit + 1, shape) if name == wide else 2 * rng.integers(0, 2, shape) - 1
        drawn[name] = integers.astype(np.float64) * 2.0**-3
    return drawn["a"], drawn["b"]


def rounded_normal(rng: np.random.Generator, shape: tuple[int, int], dtype: DType) -> NDArray[np.float64]:
    """Normally distributed values, already rounded to `dtype`."""
    return decode(encode(rng.standard_normal(shape), dtype), dtype)
