"""Tiles over p and i, with i innermost: A and C are walked down their columns.

Caught by: cache_lines
Cause: technique
Diagnosis: are allowed
"""

import numpy as np
from numba import njit

TILE = 64


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    for p0 in range(0, k, TILE):
        for j in range(n):
            for i0 in range(0, m, TILE):
                for p in range(p0, min(p0 + TILE, k)):
                    x = b[p, j]
                    for i in range(i0, min(i0 + TILE, m)):
                        c[i, j] += a[i, p] * x


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
