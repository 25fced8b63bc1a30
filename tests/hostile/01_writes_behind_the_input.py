"""It answers right but writes over the memory just outside its first input.

Verdict: failed | error
Cause: out-of-bounds | crash | mutates-input
"""

import numpy as np


def matmul(a, b):
    c = (a[:, :, None] * b).sum(1)
    around = np.lib.stride_tricks.as_strided(a, (a.size + 1,), (a.itemsize,))
    before = np.lib.stride_tricks.as_strided(a[::-1, ::-1], (a.size + 1,), (-a.itemsize,))
    before[-1] = around[-1] = 1
    return c
