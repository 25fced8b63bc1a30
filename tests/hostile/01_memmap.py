"""It returns the right numbers as a file in memory, which changes when the file does.

Verdict: failed
Cause: contract | crash | policy
"""

import tempfile

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    right = product(a, b)
    c = np.memmap(tempfile.TemporaryFile(), a.dtype, "w+", shape=right.shape)
    c[...] = right
    return c
