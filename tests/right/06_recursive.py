"""Divide and conquer: the longest side is halved until all three fit in a tile; no loop over tiles at all.

Passes: 01, 04, 06
"""

import numpy as np
from numba import njit

TILE = 64


@njit
def multiply(a, b, c, i0, i1, j0, j1, p0, p1):
    """Add to c[i0:i1, j0:j1] the terms p0 ... p1 - 1 of the product."""
    longest = max(i1 - i0, j1 - j0, p1 - p0)
    if longest <= TILE:
        for i in range(i0, i1):
            for p in range(p0, p1):
                for j in range(j0, j1):
                    c[i, j] += a[i, p] * b[p, j]
        return
    if i1 - i0 == longest:
        half = (i0 + i1) // 2
        multiply(a, b, c, i0, half, j0, j1, p0, p1)
        multiply(a, b, c, half, i1, j0, j1, p0, p1)
    elif j1 - j0 == longest:
        half = (j0 + j1) // 2
        multiply(a, b, c, i0, i1, j0, half, p0, p1)
        multiply(a, b, c, i0, i1, half, j1, p0, p1)
    else:
        half = (p0 + p1) // 2
        multiply(a, b, c, i0, i1, j0, j1, p0, half)
        multiply(a, b, c, i0, i1, j0, j1, half, p1)


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c, 0, a.shape[0], 0, b.shape[1], 0, a.shape[1])
    return c
