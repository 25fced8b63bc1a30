"""It writes the product over A and returns A.

Verdict: failed
Cause: aliasing | mutates-input
"""

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    if a.shape[1] == b.shape[1]:
        a[...] = product(a, b)
        return a
    return product(a, b)
