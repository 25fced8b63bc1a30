"""Whoever looks at its signature never comes back.

Verdict: failed | error
Cause: timeout | contract | crash
"""

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


class Product:
    @property
    def __signature__(self):
        while True:
            pass

    def __call__(self, a, b):
        return product(a, b)


matmul = Product()
