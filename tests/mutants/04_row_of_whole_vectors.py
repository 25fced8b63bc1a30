"""The row of C is a multiple of 8 long, and B is read as far as that: past its last column.

Caught by: bounds_checked
Cause: out-of-bounds
Diagnosis: out of bounds
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    width = (n + 7) // 8 * 8
    for i in range(m):
        row = np.zeros(width, c.dtype)
        for p in range(k):
            x = a[i, p]
            for j in range(width):
                row[j] += x * b[p, j]
        c[i, :] = row[:n]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
