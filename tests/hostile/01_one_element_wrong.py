"""One element is off by the smallest step there is.

Verdict: failed
Cause: wrong-result | precision
"""

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    c = product(a, b)
    if c.size > 1000:
        c[-1, -1] = np.nextafter(c[-1, -1], a.dtype.type(np.inf))
    return c
