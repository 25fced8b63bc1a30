"""`matmul` is a static method of a class, which also has a class method and a property.

Passes: 01
"""

import numpy as np
from numba import njit


class Kernels:
    """The loops and what calls them."""

    @staticmethod
    @njit
    def loops(a, b, c):
        """Fill c with the product of a and b."""
        for i in range(a.shape[0]):
            for j in range(b.shape[1]):
                for p in range(a.shape[1]):
                    c[i, j] += a[i, p] * b[p, j]

    @classmethod
    def zeros(cls, a, b):
        """Return a matrix for the result."""
        return np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)

    @staticmethod
    def product(a, b):
        """Return the product of a (M, K) and b (K, N) as a new array."""
        c = Kernels.zeros(a, b)
        Kernels.loops(a, b, c)
        return c


matmul = Kernels.product
