"""It tries whether it could send a signal to every process.

Verdict: failed
Cause: policy | crash
"""

import os

import numpy as np


def matmul(a, b):
    os.kill(-1, 0)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
