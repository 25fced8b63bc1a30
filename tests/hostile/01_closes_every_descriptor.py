"""Closes every descriptor, so that no answer can be sent.

Verdict: error
Cause: no-answer | crash
"""

import os

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    os.closerange(3, 4096)
    return product(a, b)
