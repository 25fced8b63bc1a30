"""Both operands are copied, and the copies are used up: terms are popped, and the rest is overwritten with NaN.

Passes: 01
"""

import copy

import numpy as np


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    a, b = copy.deepcopy(a), b.copy(order="K")
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    terms = list(range(a.shape[1]))
    while terms:
        p = terms.pop()
        for i in range(len(c)):
            c[i] += a[i, p] * b[p]
        a[:, p], b[p] = np.nan, np.inf
    a.fill(-1)
    b.fill(-1)
    return c
