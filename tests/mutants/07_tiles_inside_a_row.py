"""The loop over rows is outside of the loop over tiles: no tile of b_t stays for the next row.

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
        for j0 in range(0, n, TILE):
            for j in range(j0, min(j0 + TILE, n)):
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
