"""It returns the right numbers as a file in memory, which changes when the file does.

Verdict: failed
Cause: contract | crash | policy
"""

import tempfile

import numpy as np


def matmul(a, b):
    right = (a[:, :, None] * b).sum(1)
    c = np.memmap(tempfile.TemporaryFile(), a.dtype, "w+", shape=right.shape)
    c[...] = right
    return c
