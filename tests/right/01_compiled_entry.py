"""`matmul` itself is compiled, allocates its result, and has a third parameter with a default.

Passes: 01, 04
"""

import numpy as np
from numba import njit
from numba.extending import register_jitable


@register_jitable
def starting_row(row, value=0):
    """Set a row to a value."""
    for j in range(row.shape[0]):
        row[j] = value


@njit
def matmul(a, b, first=0):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.empty((a.shape[0], b.shape[1]), a.dtype)
    for i in range(c.shape[0]):
        starting_row(c[i])
        for p in range(first, a.shape[1]):
            for j in range(c.shape[1]):
                c[i, j] += a[i, p] * b[p, j]
    return c
