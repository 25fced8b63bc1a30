"""The result is stored from its last element to its first and shown through a view with negative strides.

Passes: 01
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, mirrored):
    """Fill mirrored with the product, turned by half a turn."""
    m, n = mirrored.shape
    for i in range(m):
        for p in range(a.shape[1]):
            for j in range(n):
                mirrored[m - 1 - i, n - 1 - j] += a[i, p] * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    mirrored = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, mirrored)
    return mirrored[::-1, ::-1]
