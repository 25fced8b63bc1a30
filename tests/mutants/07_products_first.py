"""Products are vectors, in a row of their own; adding them up, one after the other, is not.

Caught by: vector_code
Cause: technique
Diagnosis: only 50% of the multiplications and additions are on vectors
"""

import numpy as np
from numba import njit

TILE = 32


@njit(fastmath={"contract"})
def multiply(a, b_t, c):
    """Fill c (M, N) with the product of a (M, K) and b, given as its transpose b_t (N, K)."""
    m, k = a.shape
    n = b_t.shape[0]

    products = np.empty(k, c.dtype)
    for j0 in range(0, n, TILE):
        for i in range(m):
            for j in range(j0, min(j0 + TILE, n)):
                for p in range(k):
                    products[p] = a[i, p] * b_t[j, p]
                total = c[i, j]
                for p in range(k):
                    total += products[p]
                c[i, j] = total


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    # Nothing is copied that lies in this order already.
    multiply(np.ascontiguousarray(a), np.ascontiguousarray(b.T), c)
    return c
