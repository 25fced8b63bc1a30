"""Each tile of B is copied, transposed, into a small array that serves all of A; sums run along two rows.

Passes: 01, 04, 06
"""

import numpy as np
from numba import njit

TILE = 64


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    tile = np.empty((min(TILE, n), min(TILE, k)), b.dtype)
    for j0 in range(0, n, TILE):
        for p0 in range(0, k, TILE):
            columns, depth = min(TILE, n - j0), min(TILE, k - p0)
            for p in range(depth):
                for j in range(columns):
                    tile[j, p] = b[p0 + p, j0 + j]
            for i in range(m):
                for j in range(columns):
                    total = c[i, j0 + j]
                    for p in range(depth):
                        total += a[i, p0 + p] * tile[j, p]
                    c[i, j0 + j] = total


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
