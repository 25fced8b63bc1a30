"""Everything is compiled, and tested with small numbers, while the file is being imported.

Passes: 01, 04
"""

import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c with the product of a and b."""
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c


for dtype in (np.float32, np.float64):
    square = np.arange(9, dtype=dtype).reshape(3, 3)
    for left, right in ((square, square), (square.T, square), (square[::-1], square.T)):
        found = matmul(left, right)
        wanted = [[sum(left[i, p] * right[p, j] for p in range(3)) for j in range(3)] for i in range(3)]
        np.testing.assert_array_equal(found, wanted)
        assert np.allclose(found, wanted)
