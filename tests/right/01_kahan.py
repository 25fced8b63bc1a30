"""Kahan's compensated sum: more accurate than the bound asks, with a correction that infinities switch off.

Passes: 01
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c, lost):
    """Add the product to c; lost[j] is what the last addition to c[i, j] rounded away."""
    for i in range(a.shape[0]):
        lost[:] = 0
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                term = a[i, p] * b[p, j] - lost[j]
                total = c[i, j] + term
                error = (total - c[i, j]) - term
                lost[j] = error if np.isfinite(error) else 0  # inf - inf would turn inf into NaN
                c[i, j] = total


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    multiply(a, b, c, np.empty(b.shape[1], a.dtype))
    return c
