"""numba's object mode lifts the inner loops out of a function that also uses plain Python.

Passes: 01
"""

import numpy as np
from numba import jit


@jit(forceobj=True, looplift=True)
def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    shape = {"m": a.shape[0], "n": b.shape[1]}
    c = np.zeros(tuple(shape.values()), a.dtype)
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]
    return c
