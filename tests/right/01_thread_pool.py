"""Four Python threads fill rows of C with code that releases the interpreter's lock, and are joined.

Passes: 01, 04
"""

import os
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np
from numba import njit

WORKERS = min(4, (os.cpu_count() or 1) + 1)


@njit(nogil=True)
def rows(a, b, c, start, stop):
    """Fill rows start ... stop - 1 of c."""
    for i in range(start, stop):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    cuts = [len(a) * t // WORKERS for t in range(WORKERS + 1)]
    with ThreadPoolExecutor(WORKERS) as pool:
        done, _ = wait([pool.submit(rows, a, b, c, *cuts[t : t + 2]) for t in range(WORKERS)])
    for future in done:
        future.result()
    return c
