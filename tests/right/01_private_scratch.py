"""Every iteration of a prange over rows allocates a row of its own and stores it at the end.

Passes: 01, 04
"""

import numpy as np
from numba import njit, prange


@njit(parallel=True)
def multiply(a, b, c):
    """Fill c, one row per iteration."""
    m, k = a.shape
    n = b.shape[1]
    for i in prange(m):
        row = np.zeros(n, a.dtype)
        for p in range(k):
            for j in range(n):
                row[j] += a[i, p] * b[p, j]
        for j in range(n):
            c[i, j] = row[j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.empty((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
