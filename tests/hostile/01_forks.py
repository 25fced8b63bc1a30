"""Starts a process.

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
    if os.fork() == 0:
        os._exit(0)
    return product(a, b)
