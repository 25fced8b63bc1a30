"""Reads address 0 in compiled code.

Verdict: failed | error
Cause: crash | out-of-bounds
"""

import numpy as np
from numba import njit


@njit
def read(x, i):
    return x[i]


def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    c[:] = read(a.reshape(-1), 1 << 45)
    return c
