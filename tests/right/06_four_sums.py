"""Four sums by hand in place of the compiler's lanes, so that no permission to reorder is needed.

Passes: 01, 04, 06
"""

import numpy as np
from numba import njit

TILE = 32


@njit(fastmath={"contract"})
def multiply(a, b_t, c):
    """Fill c, TILE columns at a time; terms 0, 4, 8, ... are one sum, 1, 5, 9, ... the next."""
    m, k = a.shape
    n = b_t.shape[0]
    whole = k - k % 4
    for j0 in range(0, n, TILE):
        for i in range(m):
            for j in range(j0, min(j0 + TILE, n)):
                x, y = a[i], b_t[j]
                s0 = s1 = s2 = s3 = c.dtype.type(0)
                for p in range(0, whole, 4):
                    s0 += x[p] * y[p]
                    s1 += x[p + 1] * y[p + 1]
                    s2 += x[p + 2] * y[p + 2]
                    s3 += x[p + 3] * y[p + 3]
                for p in range(whole, k):
                    s0 += x[p] * y[p]
                c[i, j] = (s0 + s1) + (s2 + s3)


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(np.ascontiguousarray(a), np.ascontiguousarray(b.T), c)
    return c
