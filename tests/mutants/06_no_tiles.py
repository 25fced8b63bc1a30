"""The loops of 04: TILE stands at the top of the file and is never used.

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
    for i in range(m):
        for p in range(k):
            x = a[i, p]
            for j in range(n):
                c[i, j] += x * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
