"""Terms are counted from the end with indices below zero, which wrap around in numba as in Python.

Passes: 01
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c with the product of a and b."""
    m, n = c.shape
    for i in range(-m, 0):
        for p in range(a.shape[1]):
            for j in range(1, n + 1):
                c[i, -j] += a[i, -1 - p] * b[-1 - p, -j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
