"""It answers right but writes over the memory just outside its first input.

Verdict: failed | error
Cause: out-of-bounds | crash | mutates-input
"""

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    c = product(a, b)
    around = np.lib.stride_tricks.as_strided(a, (a.size + 1,), (a.itemsize,))
    before = np.lib.stride_tricks.as_strided(a[::-1, ::-1], (a.size + 1,), (-a.itemsize,))
    before[-1] = around[-1] = 1
    return c
