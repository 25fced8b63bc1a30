"""The result lies column by column, and so do the loops.

Passes: 01
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c column by column."""
    for j in range(b.shape[1]):
        for p in range(a.shape[1]):
            x = b[p, j]
            for i in range(a.shape[0]):
                c[i, j] += a[i, p] * x


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype, order="F")
    multiply(a, b, c)
    return c
