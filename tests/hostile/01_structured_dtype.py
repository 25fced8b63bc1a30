"""It returns the right bytes under a dtype with one field.

Verdict: failed
Cause: contract
"""

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    return product(a, b).view([("x", a.dtype)])
