"""numba compiles at import for row-major operands, and everything else goes through a second signature.

Passes: 01, 04
"""

import numpy as np
from numba import float32, float64, njit, void

CONTIGUOUS = [void(t[:, ::1], t[:, ::1], t[:, ::1]) for t in (float32, float64)]
STRIDED = [void(t[:, :], t[:, :], t[:, ::1]) for t in (float32, float64)]


def loops(a, b, c):
    """Fill c with the product of a and b."""
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            x = a[i, p]
            for j in range(b.shape[1]):
                c[i, j] += x * b[p, j]


fast = njit(CONTIGUOUS)(loops)
general = njit(STRIDED)(loops)


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    try:
        fast(a, b, c)
    except TypeError:  # no matching definition: other strides
        general(a, b, c)
    return c
