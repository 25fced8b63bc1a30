"""Tiles are copied and always multiplied whole; a short one still holds the rest of the tile before.

Caught by: k_one_more
Cause: wrong-result
Diagnosis: added twice
"""

import numpy as np
from numba import njit

TILE = 64


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    a_tile = np.zeros((TILE, TILE), c.dtype)
    b_tile = np.zeros((TILE, TILE), c.dtype)
    for i0 in range(0, m, TILE):
        for j0 in range(0, n, TILE):
            for p0 in range(0, k, TILE):
                rows, columns, depth = min(TILE, m - i0), min(TILE, n - j0), min(TILE, k - p0)
                a_tile[:rows, :depth] = a[i0 : i0 + rows, p0 : p0 + depth]
                b_tile[:depth, :columns] = b[p0 : p0 + depth, j0 : j0 + columns]
                for i in range(rows):
                    for p in range(TILE):
                        for j in range(columns):
                            c[i0 + i, j0 + j] += a_tile[i, p] * b_tile[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
