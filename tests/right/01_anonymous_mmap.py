"""The result lies in pages that were asked from the operating system.

Passes: 01
"""

import mmap

import numpy as np


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    shape = a.shape[0], b.shape[1]
    pages = mmap.mmap(-1, max(1, shape[0] * shape[1]) * a.itemsize)
    c = np.ndarray(shape, a.dtype, buffer=pages)
    for p in range(a.shape[1]):
        c += a[:, p : p + 1] * b[p]
    return c
