"""A generator yields the elements of C one by one to np.fromiter.

Passes: 01
"""

import itertools

import numpy as np


def elements(a, b):
    """Yield the elements of the product, row by row."""
    columns = [np.ascontiguousarray(column) for column in b.T]
    for row, column in itertools.product(a, columns):
        yield (row * column).sum()


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    m, n = a.shape[0], b.shape[1]
    return np.fromiter(elements(a, b), dtype=a.dtype, count=m * n).reshape(m, n)
