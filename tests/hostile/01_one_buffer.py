"""Returns the same buffer in every call.

Verdict: failed
Cause: aliasing
"""

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


BUFFER = np.zeros(1 << 20)


def matmul(a, b):
    c = BUFFER.view(a.dtype)[: a.shape[0] * b.shape[1]].reshape(a.shape[0], b.shape[1])
    c[:] = product(a, b)
    return c
