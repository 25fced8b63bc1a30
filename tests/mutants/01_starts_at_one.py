"""The sum starts at p = 1: the first term is taken to be there already.

Caught by: long_k
Cause: wrong-result
Diagnosis: the first term is never added
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c with the product of a and b."""
    m, k = a.shape
    n = b.shape[1]
    for i in range(m):
        for j in range(n):
            total = c[i, j]
            for p in range(1, k):
                total += a[i, p] * b[p, j]
            c[i, j] = total


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
