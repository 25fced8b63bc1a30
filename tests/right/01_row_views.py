"""Inside a prange a view of a row is added to in place, and a counter is a reduction; neither is a race.

Passes: 01
"""

import numpy as np
from numba import njit, prange


@njit(parallel=True)
def multiply(a, b, c):
    """Fill c and return how many terms were added."""
    added = 0
    for i in prange(a.shape[0]):
        row = c[i]
        for p in range(a.shape[1]):
            row += a[i, p] * b[p]
            added += 1
    return added


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    if multiply(a, b, c) != a.size:
        raise RuntimeError("terms were lost")
    return c
