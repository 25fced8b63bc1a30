"""Tiles of A, B and C are each copied into a small array; the innermost product sees nothing else.

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
    x = np.empty((TILE, TILE), a.dtype)
    y = np.empty((TILE, TILE), b.dtype)
    z = np.empty((TILE, TILE), c.dtype)
    for i0 in range(0, m, TILE):
        for j0 in range(0, n, TILE):
            rows, columns = min(TILE, m - i0), min(TILE, n - j0)
            z[:] = 0
            for p0 in range(0, k, TILE):
                depth = min(TILE, k - p0)
                for i in range(rows):
                    for p in range(depth):
                        x[i, p] = a[i0 + i, p0 + p]
                for p in range(depth):
                    for j in range(columns):
                        y[p, j] = b[p0 + p, j0 + j]
                for i in range(rows):
                    for p in range(depth):
                        for j in range(columns):
                            z[i, j] += x[i, p] * y[p, j]
            for i in range(rows):
                for j in range(columns):
                    c[i0 + i, j0 + j] = z[i, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
