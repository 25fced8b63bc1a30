"""B is transposed into rows first, and the copy is then read with its indices exchanged, down its columns.

Caught by: cache_lines
Cause: technique
Diagnosis: are of b_t
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
        for p in range(k):
            x = a[i, p]
            for j in range(n):
                c[i, j] += x * b_t[j, p]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
