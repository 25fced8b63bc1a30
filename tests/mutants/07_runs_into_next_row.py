"""A tile is never cut off: its columns past the end run into the next row, which is written later.

Caught by: bounds_checked
Cause: out-of-bounds
Diagnosis: out of bounds
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
            for j in range(j0, j0 + TILE):
                total = a.dtype.type(0)
                for p in range(k):
                    total += a[i, p] * b_t[j, p]
                c[i, j] = total


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    (m, k), n = a.shape, b.shape[1]
    c = np.zeros((m + TILE, n), dtype=a.dtype)  # room for what the last row stores too far
    b_t = np.zeros((n + TILE, k), dtype=a.dtype)
    b_t[:n] = b.T
    multiply(np.ascontiguousarray(a), b_t[:n], c[:m])
    return c[:m]
