"""One array per shape is kept and filled again in every call.

Caught by: square
Cause: aliasing
Diagnosis: kept in a global
"""

import numpy as np
from numba import njit

RESULTS = {}


@njit
def multiply(a, b, c):
    """Fill c with the product of a and b."""
    m, k = a.shape
    n = b.shape[1]
    for i in range(m):
        for j in range(n):
            total = c[i, j]
            for p in range(k):
                total += a[i, p] * b[p, j]
            c[i, j] = total


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    shape = a.shape[0], b.shape[1]
    c = RESULTS.setdefault((shape, a.dtype), np.zeros(shape, dtype=a.dtype))
    c[:] = 0
    multiply(a, b, c)
    return c
