"""Tiles of B are copied into a buffer of the call before use; the loop over rows runs inside, K outermost.

Passes: 01, 04, 06
"""

import numpy as np
from numba import njit

TILE = 64


@njit
def multiply(a, b, c):
    """Add the product of a and b to c, one packed tile of B after another."""
    m, k = a.shape
    n = b.shape[1]
    tile = np.empty((TILE, TILE), b.dtype)
    for p0 in range(0, k, TILE):
        depth = min(TILE, k - p0)
        for j0 in range(0, n, TILE):
            width = min(TILE, n - j0)
            for p in range(depth):
                for j in range(width):
                    tile[p, j] = b[p0 + p, j0 + j]
            for i in range(m):
                for p in range(depth):
                    x = a[i, p0 + p]
                    for j in range(width):
                        c[i, j0 + j] += x * tile[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
