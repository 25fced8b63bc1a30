"""It lets numba call np.dot in a compiled function.

Verdict: failed
Cause: policy
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    c[:, :] = np.dot(a, b)


def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    multiply(a, b, c)
    return c
