"""No permission at all: @njit alone.

Caught by: vector_code
Cause: technique
Diagnosis: one number at a time
"""

import numpy as np
from numba import njit

TILE = 32


@njit
def multiply(a, b_t, c):
    """Fill c (M, N) with the product of a (M, K) and b, given as its transpose b_t (N, K)."""
    m, k = a.shape
    n = b_t.shape[0]
    for j0 in range(0, n, TILE):
        for i in range(m):
            for j in range(j0, min(j0 + TILE, n)):
                # A local, so a register: 8 lanes of partial sums, in fact several vectors of 8. j may still be tested
                # for a negative value, but once per sum, not once per term.
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
