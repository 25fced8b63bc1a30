"""A compiled generator yields the terms, with views and named tuples; flat iterators fill the result.

Passes: 01
"""

from collections import namedtuple

import numpy as np
from numba import njit

Term = namedtuple("Term", ["column", "row"])


@njit
def terms(a, b):
    """Yield the pairs of a column of a and a row of b."""
    for p in range(a.shape[1]):
        yield Term(a[:, p], b[p])


@njit
def multiply(a, b, c):
    """Fill c with the product of a and b."""
    for term in terms(a, b):
        for (i, j), _ in np.ndenumerate(c):
            c[i, j] += term.column[i] * term.row[j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
