"""No transpose: a row of C is the sum of rows of B, along which j runs from 0; TILE rows of B at a time.

Passes: 01, 04, 06, 07
"""

import numpy as np
from numba import njit

TILE = 32


@njit(fastmath={"reassoc", "contract"})
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    for p0 in range(0, k, TILE):
        for i in range(m):
            for p in range(p0, min(p0 + TILE, k)):
                x = a[i, p]
                for j in range(n):
                    c[i, j] += x * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(np.ascontiguousarray(a), np.ascontiguousarray(b), c)
    return c
