"""B is flattened in the order of its memory, and indexed as if its rows lay one after the other.

Caught by: strided_view
Cause: wrong-result
Diagnosis: the strides of B are ignored
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = c.shape[1]
    for i in range(m):
        for p in range(k):
            x = a[i, p]
            for j in range(n):
                c[i, j] += x * b[p * n + j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b.ravel(order="K"), c)
    return c
