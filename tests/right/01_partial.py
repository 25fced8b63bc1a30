"""`matmul` is a functools.partial of a function with four parameters.

Passes: 01
"""

import functools

import numpy as np


def run(rows_at_once, zeros, a, b):
    """Return the product, a few rows at a time."""
    c = zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    for start in range(0, a.shape[0], rows_at_once):
        block = slice(start, start + rows_at_once)
        for p in range(a.shape[1]):
            c[block] += a[block, p : p + 1] * b[p]
    return c


matmul = functools.partial(run, 128, np.zeros)
