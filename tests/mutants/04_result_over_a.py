"""Row i of A is not needed after row i of C: where the shapes agree, C is stored over A.

Caught by: square
Cause: aliasing
Diagnosis: shares its memory with the first argument
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    for i in range(m):
        row = np.zeros(n, c.dtype)
        for p in range(k):
            x = a[i, p]
            for j in range(n):
                row[j] += x * b[p, j]
        c[i, :] = row


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = a if a.shape[1] == b.shape[1] else np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
