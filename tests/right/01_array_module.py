"""The sums stand in the standard library's array of doubles, flat, and are copied out.

Passes: 01
"""

from array import array
from itertools import product

import numpy as np
from numba import njit

SMALL = 200_000


@njit
def large(a, b, c):
    """Fill c with the product of a and b."""
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    (m, k), n = a.shape, b.shape[1]
    if m * n * k > SMALL:
        c = np.zeros((m, n), a.dtype)
        large(a, b, c)
        return c
    x, y = array("d", a.ravel().tolist()), array("d", b.ravel().tolist())
    sums = array("d", bytes(8 * m * n))
    for i, j, p in product(range(m), range(n), range(k)):
        sums[i * n + j] += x[i * k + p] * y[p * n + j]
    return np.array(sums, dtype=np.float64).astype(a.dtype).reshape(m, n)
