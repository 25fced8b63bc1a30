"""math.fsum rounds every sum once; where it raises, or would take long, other code takes over.

Passes: 01
"""

import contextlib
import math

import numpy as np


class TooLargeError(Exception):
    """The exact way would take too long."""


def exact(a, b):
    """Return the correctly rounded product; raise where that is not possible."""
    if a.size * b.shape[1] > 100_000:
        raise TooLargeError
    x, y = a.tolist(), b.T.tolist()
    rows = [[math.fsum(map(float.__mul__, row, column)) for column in y] for row in x]
    return np.array(rows, a.dtype).reshape(len(a), b.shape[1])


def plain(a, b):
    """Return the product, one term after another."""
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for p in range(a.shape[1]):
        c += a[:, p : p + 1] * b[p]
    return c


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    with contextlib.suppress(TooLargeError, ValueError, OverflowError), np.errstate(over="raise"):
        return exact(a, b)
    return plain(a, b)
