"""Four rows by four columns as 2 x 2 blocks of named sums, which the compiler turns into four loops.

Passes: 01, 08
"""

import numpy as np
from numba import njit

MR = 4
NR = 4


@njit(fastmath={"reassoc", "contract"})
def outer_products(a, b_t, c, i, j):
    """Overwrite the MR x NR block of c at i, j, two by two."""
    zero = c.dtype.type(0)
    for r in range(0, MR, 2):
        for s in range(0, NR, 2):
            x0, x1 = a[i + r], a[i + r + (1 if r + 1 < MR else 0)]
            y0, y1 = b_t[j + s], b_t[j + s + (1 if s + 1 < NR else 0)]
            s00 = s01 = s10 = s11 = zero
            for p in range(a.shape[1]):
                s00 += x0[p] * y0[p]
                s01 += x0[p] * y1[p]
                s10 += x1[p] * y0[p]
                s11 += x1[p] * y1[p]
            c[i + r, j + s] = s00
            if s + 1 < NR:
                c[i + r, j + s + 1] = s01
            if r + 1 < MR:
                c[i + r + 1, j + s] = s10
                if s + 1 < NR:
                    c[i + r + 1, j + s + 1] = s11


@njit
def multiply(a, b_t, c):
    m, n = c.shape
    for i in range(0, m, MR):
        for j in range(0, n, NR):
            outer_products(a, b_t, c, i, j)


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    m, n = a.shape[0], b.shape[1]
    x = np.zeros((-(-m // MR) * MR, a.shape[1]), a.dtype)
    y = np.zeros((-(-n // NR) * NR, b.shape[0]), b.dtype)
    x[:m], y[:n] = a, b.T
    c = np.zeros((len(x), len(y)), a.dtype)
    multiply(x, y, c)
    return c[:m, :n]
