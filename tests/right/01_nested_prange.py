"""Two pranges, one in the other: numba runs the inner one in order, and its sum is a reduction to a number.

Passes: 01
"""

import numpy as np
from numba import njit, prange


@njit(parallel=True)
def multiply(a, b_t, c):
    """Fill c with the product of a and the transpose of b_t."""
    for i in prange(a.shape[0]):
        for j in range(b_t.shape[0]):
            total = a.dtype.type(0)
            for p in prange(a.shape[1]):
                total += a[i, p] * b_t[j, p]
            c[i, j] = total


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.empty((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, np.ascontiguousarray(b.T), c)
    return c
