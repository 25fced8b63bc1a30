"""Tiles of C are summed in one array of their own, cleared for each, and copied out when K is done.

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
    sums = np.empty((min(TILE, m), min(TILE, n)), c.dtype)
    for j0 in range(0, n, TILE):
        for i0 in range(0, m, TILE):
            rows, columns = min(TILE, m - i0), min(TILE, n - j0)
            for i in range(rows):
                for j in range(columns):
                    sums[i, j] = 0
            for p0 in range(0, k, TILE):
                for i in range(rows):
                    for p in range(p0, min(p0 + TILE, k)):
                        x = a[i0 + i, p]
                        for j in range(columns):
                            sums[i, j] += x * b[p, j0 + j]
            for i in range(rows):
                for j in range(columns):
                    c[i0 + i, j0 + j] = sums[i, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
