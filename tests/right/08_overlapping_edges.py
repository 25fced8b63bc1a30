"""No code for the edges: the last block is moved back until it fits, so some elements are computed twice.

Passes: 01, 08
"""

import numpy as np
from numba import njit

MR = 4
NR = 3


@njit(fastmath={"reassoc", "contract"})
def outer_products(a, b_t, c, i, j):
    """Overwrite the MR x NR block of c at i, j."""
    acc = np.zeros((MR, NR), c.dtype)
    for p in range(a.shape[1]):
        for r in range(MR):
            for s in range(NR):
                acc[r, s] += a[i + r, p] * b_t[j + s, p]
    for r in range(MR):
        for s in range(NR):
            c[i + r, j + s] = acc[r, s]


@njit
def multiply(a, b_t, c):
    """Fill c (M, N), of which no side may be shorter than a block."""
    m, n = c.shape
    for i in range(0, m, MR):
        for j in range(0, n, NR):
            outer_products(a, b_t, c, min(i, m - MR), min(j, n - NR))


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    m, n = a.shape[0], b.shape[1]
    x = np.zeros((max(m, MR), a.shape[1]), a.dtype)
    y = np.zeros((max(n, NR), b.shape[0]), b.dtype)
    x[:m], y[:n] = a, b.T
    c = np.zeros((len(x), len(y)), a.dtype)
    multiply(x, y, c)
    return c[:m, :n]
