"""A helper adds x times a row to another row; tiles are cut as views, so that its index starts at 0.

Passes: 01, 04, 06, 07
"""

import numpy as np
from numba import njit

TILE = 32


@njit(fastmath={"contract"})
def add_row(x, row, out):
    """Add x times a row to another one of the same length."""
    for j in range(len(out)):
        out[j] += x * row[j]


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    for j0 in range(0, n, TILE):
        j1 = min(j0 + TILE, n)
        for p0 in range(0, k, TILE):
            for i in range(m):
                for p in range(p0, min(p0 + TILE, k)):
                    add_row(a[i, p], b[p, j0:j1], c[i, j0:j1])


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(np.ascontiguousarray(a), np.ascontiguousarray(b), c)
    return c
