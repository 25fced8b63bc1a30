"""The result may not be written to, and is a transpose of a transpose of every second row and column.

Passes: 01
"""

import numpy as np


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    m, n = a.shape[0], b.shape[1]
    sparse = np.zeros((2 * m, 2 * n), dtype=a.dtype)
    c = sparse[::2, ::2]
    for p in range(a.shape[1]):
        c += a[:, p, np.newaxis] * b[p]
    c = c.T.T
    c.flags.writeable = False
    return c
