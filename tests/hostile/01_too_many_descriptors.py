"""It opens files until there are no descriptors left.

Verdict: failed | error
Cause: crash | wrong-result
"""

import os

import numpy as np


def matmul(a, b):
    kept = [os.open("/dev/null", os.O_RDONLY) for _ in range(100_000)]
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
