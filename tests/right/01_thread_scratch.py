"""Iterations of a prange share scratch rows, one per thread: get_thread_id says which row is whose.

Passes: 01, 04
"""

import numpy as np
from numba import get_num_threads, get_thread_id, njit, prange


@njit(parallel=True)
def multiply(a, b, c):
    """Fill c; scratch[t] is written by thread t alone."""
    m, k = a.shape
    n = b.shape[1]
    scratch = np.empty((get_num_threads(), n), a.dtype)
    for i in prange(m):
        row = scratch[get_thread_id()]
        row[:] = 0
        for p in range(k):
            for j in range(n):
                row[j] += a[i, p] * b[p, j]
        c[i, :] = row


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.empty((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
