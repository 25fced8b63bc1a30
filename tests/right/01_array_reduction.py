"""prange runs over K: `c += array` is a reduction, for which numba gives every thread a c of its own.

Passes: 01
"""

import numpy as np
from numba import njit, prange


@njit
def term(column, row):
    """Return the matrix of all products of an element of column and one of row."""
    products = np.empty((column.size, row.size), column.dtype)
    for i in range(column.size):
        for j in range(row.size):
            products[i, j] = column[i] * row[j]
    return products


@njit(parallel=True)
def product(a, b):
    """Return the product, the terms of the sum divided among the threads."""
    m, k = a.shape
    c = np.zeros((m, b.shape[1]), a.dtype)
    for p in prange(k):
        c += term(a[:, p], b[p])
    return c


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    return product(a, b)
