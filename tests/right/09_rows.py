"""prange runs over the rows of C, each of which is a sum of rows of B; no tiles.

Passes: 01, 04, 09
"""

import numpy as np
from numba import njit, prange


@njit(parallel=True)
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    for i in prange(m):
        for p in range(k):
            for j in range(n):
                c[i, j] += a[i, p] * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
