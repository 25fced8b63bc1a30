"""Only whole tiles of K are visited; the terms that are left over are not added.

Caught by: long_k
Cause: wrong-result
Diagnosis: the last 44 terms are never added
"""

import numpy as np
from numba import njit

TILE = 64


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    for i0 in range(0, m, TILE):
        for j0 in range(0, n, TILE):
            for p0 in range(0, k - TILE + 1, TILE):
                for i in range(i0, min(i0 + TILE, m)):
                    for p in range(p0, min(p0 + TILE, k)):
                        x = a[i, p]
                        for j in range(j0, min(j0 + TILE, n)):
                            c[i, j] += x * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
