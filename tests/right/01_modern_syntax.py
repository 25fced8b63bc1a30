"""match, walrus, dataclasses, protocols, generics, type hints, positional-only and keyword-only parameters.

Passes: 01
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

Real = TypeVar("Real", np.float32, np.float64)
PIECE: Final = 96


class Order(Protocol):
    """Anything that says in which order terms are added."""

    def terms(self, k: int) -> Iterator[int]:
        """Yield every term once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped:
    """Even terms first, then odd ones."""

    step: Literal[2, 3] = 2

    def terms(self, k: int) -> Iterator[int]:
        """Yield every term once."""
        for first in range(self.step):
            yield from range(first, k, self.step)


def matmul(a: NDArray[Real], b: NDArray[Real], /, *, order: Order | None = None) -> NDArray[Real]:
    """Return the product of a (M, K) and b (K, N) as a new array."""
    match (*a.shape, b.shape[1]):
        case (0, _, n):
            return np.zeros((0, n), a.dtype)
        case (m, 0, n):
            return np.zeros((m, n), a.dtype)
        case (m, k, n) if m and k:
            c: NDArray[Real] = np.zeros((m, n), a.dtype)
        case _:
            raise ValueError(f"{a.shape=}, {b.shape=}")
    start = 0
    while (rows := a[start : start + PIECE]).size:
        for p in (order or Stepped()).terms(k):
            c[start : start + PIECE] += rows[:, p, None] * b[p]
        start += PIECE
    return c
