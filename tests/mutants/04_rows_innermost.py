"""The outer two loops are right, but i is innermost: both A and C are walked down their columns.

Caught by: cache_lines
Cause: technique
Diagnosis: touches a[0, 0], a[1, 0]
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    for p in range(k):
        for j in range(n):
            x = b[p, j]
            for i in range(m):
                c[i, j] += a[i, p] * x


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
