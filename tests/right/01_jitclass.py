"""A compiled class owns the accumulators of one row.

Passes: 01
"""

import numpy as np
from numba import float64
from numba.experimental import jitclass


@jitclass([("sums", float64[::1])])
class Row:
    """The sums of one row of C, in float64."""

    def __init__(self, n):
        self.sums = np.zeros(n, np.float64)

    def multiply(self, a, b, c):
        """Fill c with the product of a and b, row by row."""
        for i in range(a.shape[0]):
            self.sums[:] = 0
            for p in range(a.shape[1]):
                for j in range(b.shape[1]):
                    self.sums[j] += np.float64(a[i, p]) * np.float64(b[p, j])
            for j in range(b.shape[1]):
                c[i, j] = self.sums[j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.empty((a.shape[0], b.shape[1]), a.dtype)
    Row(b.shape[1]).multiply(a, b, c)
    return c
