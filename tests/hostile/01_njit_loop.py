"""A compiled loop never ends, and no signal handler of Python can run.

Verdict: error
Cause: timeout
"""

import numpy as np
from numba import njit


@njit
def spin(c):
    i = 0
    while c[0, 0] < 1:
        i += 1
        if i < 0:
            c[0, 0] = 1


def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    spin(c)
    return c
