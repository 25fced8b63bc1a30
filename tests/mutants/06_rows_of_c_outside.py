"""Tiles of B only, inside of the loop over the rows: each tile serves one row and comes again for the next.

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
    for i in range(m):
        for j0 in range(0, n, TILE):
            for p0 in range(0, k, TILE):
                for p in range(p0, min(p0 + TILE, k)):
                    x = a[i, p]
                    for j in range(j0, min(j0 + TILE, n)):
                        c[i, j] += x * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
