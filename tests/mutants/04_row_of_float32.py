"""The row of C is summed up in a float32 array of its own.

Caught by: float64
Diagnosis: the sum is kept in float32
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    for i in range(m):
        row = np.zeros(n, np.float32)
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
