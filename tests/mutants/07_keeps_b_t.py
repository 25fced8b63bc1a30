"""The transpose of B is kept for the next call, and found again by its shape.

Caught by: square
Cause: wrong-result
Diagnosis: kept between calls
"""

import numpy as np
from numba import njit

TILE = 32
TRANSPOSED = {}


@njit(fastmath={"reassoc", "contract"})
def multiply(a, b_t, c):
    """Fill c (M, N) with the product of a (M, K) and b, given as its transpose b_t (N, K)."""
    m, k = a.shape
    n = b_t.shape[0]
    for j0 in range(0, n, TILE):
        for i in range(m):
            for j in range(j0, min(j0 + TILE, n)):
                total = c[i, j]
                for p in range(k):
                    total += a[i, p] * b_t[j, p]
                c[i, j] = total


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    if (b.shape, b.dtype) not in TRANSPOSED:
        TRANSPOSED[b.shape, b.dtype] = np.ascontiguousarray(b.T)
    multiply(np.ascontiguousarray(a), TRANSPOSED[b.shape, b.dtype], c)
    return c
