"""It returns the same array each time, with the right numbers in it.

Verdict: failed
Cause: aliasing | wrong-result
"""

import numpy as np

buffers = {}


def matmul(a, b):
    shape = a.shape[0], b.shape[1]
    c = buffers.setdefault((shape, a.dtype), np.empty(shape, a.dtype))
    c[...] = (a[:, :, None] * b).sum(1)
    return c
