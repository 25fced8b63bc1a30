"""Iteration t of a prange takes rows t, t + 7, t + 14, ...: neighbours in memory belong to different iterations.

Passes: 01, 04
"""

import numpy as np
from numba import njit, prange


@njit
def one_row(a, b, c, i):
    """Fill row i of c."""
    for p in range(a.shape[1]):
        for j in range(b.shape[1]):
            c[i, j] += a[i, p] * b[p, j]


@njit(parallel=True)
def multiply(a, b, c, ways):
    """Fill c, rows dealt out like cards."""
    for t in prange(ways):
        for i in range(t, a.shape[0], ways):
            one_row(a, b, c, i)


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c, 7)
    return c
