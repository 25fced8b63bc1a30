"""np.empty, and every element assigned once: the first term is stored, not added.

Passes: 01, 04
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Write all of c, whatever it held."""
    m, k = a.shape
    for i in range(m):
        if k == 0:
            for j in range(b.shape[1]):
                c[i, j] = 0
            continue
        for j in range(b.shape[1]):
            c[i, j] = a[i, 0] * b[0, j]
        for p in range(1, k):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.empty((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
