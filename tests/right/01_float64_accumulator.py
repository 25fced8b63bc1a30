"""Everything is summed in float64 and rounded to the operands' type once, at the end.

Passes: 01
"""

import numpy as np


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    wide = np.zeros((a.shape[0], b.shape[1]), dtype=np.float64)
    with np.errstate(all="ignore"):
        for p in range(a.shape[1]):
            wide += a[:, p, None].astype(np.float64) * b[p]
        return wide.astype(a.dtype)
