"""No size is asked for: the loop over K ends when B has no further row, which raises IndexError.

Passes: 01
"""

import itertools
from contextlib import suppress

import numpy as np


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((len(a), b.shape[-1]), a.dtype)
    columns = np.transpose(a)
    with suppress(IndexError):
        for p in itertools.count():
            c += columns[p][..., np.newaxis] * b[p]
    return c
