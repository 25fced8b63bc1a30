"""A row of B is scaled in place before it is added to the row of C.

Caught by: square
Cause: mutates-input
Diagnosis: an operand is written
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    for i in range(m):
        for p in range(k):
            x = a[i, p]
            for j in range(n):
                b[p, j] *= x
                c[i, j] += b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
