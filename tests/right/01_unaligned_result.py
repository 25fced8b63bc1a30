"""The result begins at an odd byte of its memory.

Passes: 01
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c with the product of a and b."""
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    shape = a.shape[0], b.shape[1]
    c = np.zeros(shape, a.dtype)
    multiply(a, b, c)
    result = np.ndarray(shape, a.dtype, bytearray(c.nbytes + 1), offset=1)
    result[...] = c
    return result
