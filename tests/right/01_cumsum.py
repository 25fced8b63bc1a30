"""The last line of a cumulative sum: all partial sums are computed, one is kept.

Passes: 01
"""

import numpy as np


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros_like(a, shape=(a.shape[0], b.shape[1]))
    if a.shape[1] > 0:
        for i in range(a.shape[0]):
            c[i] = np.cumsum(a[i][:, None] * b, axis=0)[-1]
    return c
