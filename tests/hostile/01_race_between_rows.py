"""All rows share one scratch line, which a lucky order of threads does not show.

Verdict: failed
Cause: race | wrong-result | nonfinite
"""

import numpy as np
from numba import njit, prange


@njit(parallel=True)
def multiply(a, b, c, line):
    for i in prange(a.shape[0]):
        line[:] = 0
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                line[j] += a[i, p] * b[p, j]
        for j in range(b.shape[1]):
            c[i, j] = line[j]


def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    multiply(a, b, c, np.zeros(b.shape[1], a.dtype))
    return c
