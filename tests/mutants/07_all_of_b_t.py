"""No tiles: all of b_t passes by for each row of A.

Caught by: cache_lines
Cause: technique
Diagnosis: changed nothing
"""

import numpy as np
from numba import njit

TILE = 32


@njit(fastmath={"reassoc", "contract"})
def multiply(a, b_t, c):
    """Fill c (M, N) with the product of a (M, K) and b, given as its transpose b_t (N, K)."""
    m, k = a.shape
    n = b_t.shape[0]
    for i in range(m):
        for j in range(n):
            total = c[i, j]
            for p in range(k):
                total += a[i, p] * b_t[j, p]
            c[i, j] = total


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    # Nothing is copied that lies in this order already.
    multiply(np.ascontiguousarray(a), np.ascontiguousarray(b.T), c)
    return c
