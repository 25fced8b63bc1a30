"""What is known about a wrong C, and when a suspected mistake explains it.

A suspect explains C if it reproduces *every* wrong element: bit for bit on exact inputs, else within the error bound.
Zeros, NaN and one value repeated agree with too much, so they count for nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.course.problems.operands import UNIT_ROUNDOFF, decode, encode
from mlsys_kernels.course.spec import Call, DType, Matrix, Operand, unchanged

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

ENOUGH = 4
"""Wrong elements from which a mistake can be named; fewer agree with almost any suspect."""
DIFFERENT = 3
"""Different values that must be among them."""
WHOLE = 0.95
"""Share of wrong elements from which all of C counts as wrong."""
BEYOND_BOUND = 4
"""Error bounds that a value must be away from zero to tell something."""
SAMPLES = 8
"""Wrong elements on which a large family of suspects is tried before any of them is worked out in full."""


@dataclass(frozen=True)
class Suspect:
    """One mistake: its name, its sentence, and what C would be.

    `known` is False where C would depend on memory that the judge does not see. `slack` is the error that is allowed
    beside the bound, per element or for all, because the mistake rounds more often than the right answer does.
    """

    name: str
    cause: str
    c: Float64
    known: Bool | None = None
    slack: Float64 | float = 0.0


@dataclass(frozen=True)
class Evidence:
    """A call, the C that came back as float64, its wrong elements, and the calls before it with their answers."""

    call: Call
    expect: Matrix
    got: Float64
    wrong: Bool
    earlier: tuple[tuple[Call | None, Float64], ...] = ()

    @property
    def terms(self) -> int:
        """The length of the sum, K."""
        return int(self.expect.a.shape[1])

    @cached_property
    def operands(self) -> tuple[Operand, ...]:
        """The arguments that are arrays."""
        return tuple(arg for arg in self.call.args if isinstance(arg, Operand))

    @property
    def whole(self) -> bool:
        """Whether practically every element that tells something is wrong; a few may come out right by chance."""
        telling = np.isfinite(self.expect.value) & self._telling(self.expect.value)
        return bool(self.wrong.sum() > WHOLE * (self.wrong | telling).sum())

    def _telling(self, values: Float64) -> Bool:
        """Which of these values are not zero, nor so near to it that the error bound covers them."""
        bound = 0.0 if self.expect.bound is None else np.nan_to_num(self.expect.bound)
        return np.asarray(np.abs(values) > BEYOND_BOUND * bound)

    def finished(self, x: Float64, y: Float64) -> Float64:
        """The product of x and y, with what follows it."""
        return self.expect.finish(x @ y)

    def fit(self, suspect: Suspect) -> Literal["whole", "part"] | None:
        """Whether a suspect gives all of C, or the wrong elements only, or not even those."""
        if suspect.c.shape != self.got.shape:
            return None
        rounded = decode(encode(suspect.c, self.expect.dtype), self.expect.dtype)
        close = (rounded == self.got) | (np.isnan(rounded) & np.isnan(self.got))
        if self.expect.bound is not None:
            close |= np.abs(rounded - self.got) <= self.expect.bound
        close |= np.abs(rounded - self.got) <= suspect.slack
        known = np.ones(self.got.shape, bool) if suspect.known is None else suspect.known
        compared = self.wrong & known
        if not close[compared].all() or 2 * compared.sum() < self.wrong.sum():
            return None
        whole = bool(close[known].all())
        telling = self.got[compared & self._telling(self.got)]
        if len(telling) >= ENOUGH and len(np.unique(telling)) >= DIFFERENT:
            return "whole" if whole else "part"
        missing = np.isnan(suspect.c[known])
        pattern = min(missing.sum(), (~missing).sum()) >= ENOUGH and np.isfinite(self.expect.value).all()
        return "whole" if whole and pattern else None

    @cached_property
    def sample(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Rows and columns of up to SAMPLES wrong elements that tell something; empty if there are too few."""
        rows, cols = np.nonzero(
            self.wrong & np.isfinite(self.got) & self._telling(self.got) & np.isfinite(self.expect.value)
        )
        if len(rows) < ENOUGH:
            return rows[:0], cols[:0]
        chosen = np.random.default_rng(0).permutation(len(rows))[:SAMPLES]  # not a stride: it could pick one column
        return rows[chosen], cols[chosen]

    def agrees(self, products: Float64, slack: Float64 | float = 0.0) -> Bool:
        """Which of many suspects give the sampled elements. `products` (..., SAMPLES) are before `finish`."""
        rows, cols = self.sample
        stored = products
        if self.expect.finish is not unchanged:
            stored = np.empty(products.shape)
            for s, col in enumerate(cols):
                row = np.zeros((products[..., s].size, self.got.shape[1]))
                row[:, col] = products[..., s].ravel()
                stored[..., s] = self.expect.finish(row)[:, col].reshape(products.shape[:-1])
        stored = decode(encode(stored, self.expect.dtype), self.expect.dtype)
        bound = slack if self.expect.bound is None else self.expect.bound[rows, cols] + slack
        return np.asarray((np.abs(stored - self.got[rows, cols]) <= bound).all(axis=-1))


def ulp(evidence: Evidence) -> float:
    """The relative error of one rounding to the type of C, doubled."""
    return 2 * UNIT_ROUNDOFF[evidence.expect.dtype]


def summing(evidence: Evidence) -> float:
    """The relative error of a sum of K terms in the accumulator that every kernel may use, doubled."""
    accumulator: DType = "float64" if evidence.expect.dtype == "float64" else "float32"
    return 2 * (evidence.terms + 8) * UNIT_ROUNDOFF[accumulator]


def first_that_fits(suspects: Iterable[Suspect], evidence: Evidence) -> Suspect | None:
    """The first suspect that gives all of C, else the first that gives every wrong element."""
    part = None
    for suspect in suspects:
        fit = evidence.fit(suspect)
        if fit == "whole":
            return suspect
        if fit == "part" and part is None:
            part = suspect
    return part


def rounded(x: Float64, dtype: DType) -> Float64:
    """Float64 values rounded to `dtype` and back."""
    return decode(encode(x, dtype), dtype)
