"""A pool of threads lives as long as the module and is never shut down, but every result is waited for.

Passes: 01
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

pool = ThreadPoolExecutor(max_workers=2)


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)

    def row(i):
        for p in range(a.shape[1]):
            c[i] += a[i, p] * b[p]
        return 1

    assert sum(pool.map(row, range(len(a)))) == len(a)
    return c
