"""`matmul` is an object that counts its calls.

Passes: 01
"""

from dataclasses import dataclass, field

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c with the product of a and b."""
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                c[i, j] += a[i, p] * b[p, j]


@dataclass
class Product:
    """A product that remembers the shapes it has seen, though not their values."""

    calls: int = 0
    shapes: set[tuple[int, int, int]] = field(default_factory=set)

    def __call__(self, a, b):
        """Return the product of a (M, K) and b (K, N) as a new array."""
        self.calls += 1
        self.shapes.add((*a.shape, b.shape[1]))
        c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
        multiply(a, b, c)
        return c


matmul = Product()
