"""Starts a program with posix_spawn.

Verdict: failed
Cause: policy | crash
"""

import os

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    os.posix_spawn("/bin/true", ["true"], {})
    return product(a, b)
