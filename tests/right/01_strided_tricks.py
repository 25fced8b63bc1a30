"""Views from as_strided, swapaxes, moveaxis and a structured type; the sum goes through np.nditer over rows.

Passes: 01
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    m, n = a.shape[0], b.shape[1]
    pairs = np.zeros((n, m), [("value", a.dtype), ("gap", np.uint16)])
    c = np.swapaxes(pairs["value"], 0, 1)
    for p in range(a.shape[1]):
        column = as_strided(a[:, p], (m, n), (a.strides[0], 0), writeable=False)
        c += np.multiply(column, np.moveaxis(b[p : p + 1], 0, 0))
    return c
