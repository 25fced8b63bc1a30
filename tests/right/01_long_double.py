"""Sums and products in the widest type that the machine has.

Passes: 01
"""

import numpy as np


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=np.longdouble)
    for p in range(a.shape[1]):
        c += np.multiply(a[:, p : p + 1], b[p], dtype=np.longdouble)
    return c.astype(a.dtype)
