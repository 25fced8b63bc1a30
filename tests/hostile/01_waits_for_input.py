"""It waits for somebody to type something.

Verdict: failed | error
Cause: timeout | crash
"""

import sys

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    while not sys.stdin.readline():
        pass
    return product(a, b)
