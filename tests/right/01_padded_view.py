"""The result is a window of a larger buffer whose rim is full of NaN.

Passes: 01, 04
"""

import numpy as np
from numba import njit

RIM = 5


@njit
def multiply(a, b, buffer):
    """Write the product of a and b into the middle of buffer."""
    m, n = a.shape[0], b.shape[1]
    for i in range(m):
        for j in range(n):
            buffer[RIM + i, RIM + j] = 0
        for p in range(a.shape[1]):
            for j in range(n):
                buffer[RIM + i, RIM + j] += a[i, p] * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    m, n = a.shape[0], b.shape[1]
    buffer = np.full((m + 2 * RIM, n + 2 * RIM), np.nan, a.dtype)
    multiply(a, b, buffer)
    return buffer[RIM : RIM + m, RIM : RIM + n]
