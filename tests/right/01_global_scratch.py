"""One scratch buffer lives as long as the module, grows when needed, is cleared before use and copied after.

Passes: 01
"""

import numpy as np
from numba import njit

_scratch = np.empty(0, np.uint8)


@njit
def multiply(a, b, c):
    """Add the product of a and b to c."""
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    global _scratch
    shape = a.shape[0], b.shape[1]
    need = shape[0] * shape[1] * a.itemsize
    if _scratch.size < need:
        _scratch = np.empty(need, np.uint8)
    c = _scratch[:need].view(a.dtype).reshape(shape)
    c.fill(0)
    multiply(a, b, c)
    return c.copy()
