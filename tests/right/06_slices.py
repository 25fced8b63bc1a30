"""Tiles are slices, which end at the edge by themselves; the tiles come backwards and the loops are in a helper.

Passes: 01, 04, 06
"""

import numpy as np
from numba import njit

TILE = 64


@njit
def add_product(a, b, c):
    """Add the product of three tiles' worth."""
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]


@njit
def multiply(a, b, c):
    """Fill c, tile by tile, the last tile first."""
    m, k = a.shape
    n = b.shape[1]
    for i0 in range((m - 1) // TILE * TILE, -1, -TILE):
        for j0 in range((n - 1) // TILE * TILE, -1, -TILE):
            for p0 in range((k - 1) // TILE * TILE, -1, -TILE):
                i1, j1, p1 = i0 + TILE, j0 + TILE, p0 + TILE
                add_product(a[i0:i1, p0:p1], b[p0:p1, j0:j1], c[i0:i1, j0:j1])


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
