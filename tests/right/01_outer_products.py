"""One product of a column and a row per term, written into a scratch matrix with `out=` and added.

Passes: 01
"""

import numpy as np


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    term = np.empty_like(c)
    for column, row in zip(a.T, b, strict=True):
        np.multiply(column[:, None], row, out=term)
        np.add(c, term, out=c)
    return c
