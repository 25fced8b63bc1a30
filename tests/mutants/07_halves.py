"""The operands are rounded to float16 on the way, for twice as many in a line.

Caught by: square
Cause: precision
Diagnosis: the operands are rounded to float16
"""

import numpy as np
from numba import njit

TILE = 32


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
    half_a, half_b = a.astype(np.float16), b.T.astype(np.float16)
    multiply(half_a.astype(a.dtype), np.ascontiguousarray(half_b.astype(a.dtype)), c)
    return c
