"""It answers right but leaves B twice as large.

Verdict: failed
Cause: mutates-input
"""

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    c = product(a, b)
    b *= 2
    return c
