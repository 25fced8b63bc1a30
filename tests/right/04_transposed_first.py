"""B is transposed row by row before the product; every element is then one sum along two rows.

Passes: 01, 04
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    b_t = np.empty((n, k), b.dtype)
    for p in range(k):
        for j in range(n):
            b_t[j, p] = b[p, j]
    for i in range(m):
        for j in range(n):
            total = c[i, j]
            for p in range(k):
                total += a[i, p] * b_t[j, p]
            c[i, j] = total


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
