"""C is made of integers and only converted at the end.

Caught by: normal_values
Cause: precision
Diagnosis: in an integer
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
            for p in range(k):
                total += a[i, p] * b[p, j]
            c[i, j] = total


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=int)
    multiply(a, b, c)
    return c.astype(a.dtype)
