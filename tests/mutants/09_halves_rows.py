"""prange runs over two halves of the rows: with four threads, two have nothing to do.

Caught by: shared_work
Cause: technique
Diagnosis: fewer iterations than threads
"""

import numpy as np
from numba import njit, prange

TILE = 48


@njit(parallel=True)
def multiply(a, b, c):
    m, k = a.shape
    n = b.shape[1]
    half = (m + 1) // 2
    for t in prange(2):
        for i in range(t * half, min(m, t * half + half)):
            for p in range(k):
                for j in range(n):
                    c[i, j] += a[i, p] * b[p, j]


def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
