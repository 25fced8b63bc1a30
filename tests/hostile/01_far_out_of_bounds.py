"""A compiled loop writes far behind its array.

Verdict: failed | error
Cause: out-of-bounds | crash
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    for i in range(1 << 40):
        c[i, 0] = 0.0


def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    multiply(a, b, c)
    return c
