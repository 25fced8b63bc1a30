"""The block of sums is float32, to fit more of it into the cache.

Caught by: float64
Cause: precision
Diagnosis: the sum is kept in float32
"""

import numpy as np
from numba import njit

TILE = 64


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    for i0 in range(0, m, TILE):
        for j0 in range(0, n, TILE):
            block = np.zeros((TILE, TILE), np.float32)
            for p0 in range(0, k, TILE):
                for i in range(i0, min(i0 + TILE, m)):
                    for p in range(p0, min(p0 + TILE, k)):
                        x = a[i, p]
                        for j in range(j0, min(j0 + TILE, n)):
                            block[i - i0, j - j0] += x * b[p, j]
            for i in range(i0, min(i0 + TILE, m)):
                for j in range(j0, min(j0 + TILE, n)):
                    c[i, j] = block[i - i0, j - j0]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
