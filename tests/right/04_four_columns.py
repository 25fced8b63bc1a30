"""The loop along a row of C is unrolled by hand: four columns in each step, then what is left.

Passes: 01, 04
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    m, k = a.shape
    n = b.shape[1]
    whole = n - n % 4
    for i in range(m):
        for p in range(k):
            x = a[i, p]
            for j in range(0, whole, 4):
                c[i, j] += x * b[p, j]
                c[i, j + 1] += x * b[p, j + 1]
                c[i, j + 2] += x * b[p, j + 2]
                c[i, j + 3] += x * b[p, j + 3]
            for j in range(whole, n):
                c[i, j] += x * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
