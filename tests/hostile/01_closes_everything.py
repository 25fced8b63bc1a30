"""It closes every descriptor.

Verdict: failed | error
Cause: no-answer | wrong-result | crash
"""

import os

import numpy as np


def matmul(a, b):
    os.closerange(0, 4096)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
