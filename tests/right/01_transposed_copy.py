"""B is copied column by column first, so that every element is the sum over two rows.

Passes: 01, 04
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b_t, c):
    """Fill c with the product of a and the transpose of b_t."""
    for i in range(a.shape[0]):
        for j in range(b_t.shape[0]):
            total = c[i, j]
            for p in range(a.shape[1]):
                total += a[i, p] * b_t[j, p]
            c[i, j] = total


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(np.array(a, order="C"), np.array(b.T, order="C"), c)
    return c
