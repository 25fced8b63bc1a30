"""Lists, tuples and zip(*): no array until the end, where the product is small; rows of NumPy where it is large.

Passes: 01
"""

from operator import mul

import numpy as np

SMALL = 200_000


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    m, n = a.shape[0], b.shape[1]
    if a.size * n > SMALL:
        c = np.zeros((m, n), a.dtype)
        for i in range(m):
            for p in range(a.shape[1]):
                c[i] += a[i, p] * b[p]
        return c
    columns = list(zip(*b.tolist(), strict=True)) or [()] * n
    rows = [[sum(map(mul, row, column)) for column in columns] for row in a.tolist()]
    with np.errstate(over="ignore"):
        return np.array(rows, dtype=a.dtype).reshape(m, n)
