"""parallel=True without prange: numba turns the array expressions into parallel loops by itself.

Passes: 01
"""

import numpy as np
from numba import njit


@njit(parallel=True)
def multiply(a, b):
    """Return the product of a and b."""
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for p in range(a.shape[1]):
        column, row = a[:, p].copy(), b[p].copy()
        c = c + column.reshape((column.size, 1)) * row
    return c


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    return multiply(a, b)
