"""It clears its inputs, so that a reference computed afterwards agrees with zeros.

Verdict: failed
Cause: mutates-input | wrong-result
"""

import numpy as np


def matmul(a, b):
    a[...] = 0
    b[...] = 0
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
