"""The tiles are right, but all six loops have 64 written into them.

Caught by: cache_lines
Cause: technique
Diagnosis: changed nothing
"""

import numpy as np
from numba import njit

TILE = 64


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    for i0 in range(0, m, 64):
        for j0 in range(0, n, 64):
            for p0 in range(0, k, 64):
                for i in range(i0, min(i0 + 64, m)):
                    for p in range(p0, min(p0 + 64, k)):
                        x = a[i, p]
                        for j in range(j0, min(j0 + 64, n)):
                            c[i, j] += x * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
