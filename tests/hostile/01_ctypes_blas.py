"""A library's product: the BLAS that NumPy ships, called through ctypes.

Verdict: failed
Cause: policy
"""

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    import ctypes

    ctypes.CDLL(None)
    return product(a, b)
