"""Compiled code is kept on disk, a helper is inlined, and a function is passed to another as an argument.

Passes: 01, 04
"""

import numpy as np
from numba import njit


@njit(cache=True, inline="always")
def fma(x, y, z):
    """Return x * y + z."""
    return x * y + z


@njit(cache=True, nogil=True, error_model="numpy", boundscheck=False)
def multiply(a, b, c, combine):
    """Fill c with the product of a and b."""
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] = combine(a[i, p], b[p, j], c[i, j])


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c, fma)
    return c
