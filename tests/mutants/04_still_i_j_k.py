"""The loops of 01: the innermost one walks down a column of B.

Caught by: cache_lines
Cause: technique
Diagnosis: are of b
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    for i in range(m):
        for j in range(n):
            total = c[i, j]
            for p in range(k):
                total += a[i, p] * b[p, j]
            c[i, j] = total


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
