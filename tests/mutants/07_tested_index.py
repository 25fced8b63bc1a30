"""The tile of 06, with j innermost from j0 on: an index that may be negative, and that is tested each time.

Caught by: vector_code
Cause: technique
Diagnosis: may be negative
"""

import numpy as np
from numba import njit

TILE = 32


@njit(fastmath={"reassoc", "contract"})
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    for j0 in range(0, n, TILE):
        for i in range(m):
            for p in range(k):
                x = a[i, p]
                for j in range(j0, min(j0 + TILE, n)):
                    c[i, j] += x * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(np.ascontiguousarray(a), np.ascontiguousarray(b), c)
    return c
