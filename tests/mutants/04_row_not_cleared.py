"""The row in which the sums are collected is never cleared, so it holds the rows before as well.

Caught by: square
Cause: wrong-result
Diagnosis: not reset
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    row = np.zeros(n, c.dtype)
    for i in range(m):
        for p in range(k):
            x = a[i, p]
            for j in range(n):
                row[j] += x * b[p, j]
        c[i, :] = row


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
