"""One helper, called for every element: the sum along two rows, given as views.

Passes: 01, 04, 06, 07
"""

import numpy as np
from numba import njit

TILE = 32


@njit(fastmath={"reassoc", "contract"})
def dot(x, y):
    """Return the sum of the products of two rows of the same length."""
    total = x.dtype.type(0)
    for p in range(len(x)):
        total += x[p] * y[p]
    return total


@njit
def multiply(a, b_t, c):
    """Fill c (M, N) with the product of a (M, K) and b, given as its transpose b_t (N, K)."""
    m = a.shape[0]
    n = b_t.shape[0]
    for j0 in range(0, n, TILE):
        for i in range(m):
            for j in range(j0, min(j0 + TILE, n)):
                c[i, j] = dot(a[i], b_t[j])


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    # Nothing is copied that lies in this order already.
    multiply(np.ascontiguousarray(a), np.ascontiguousarray(b.T), c)
    return c
