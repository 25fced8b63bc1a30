"""It makes folders within folders, deeper than a path is long.

Verdict: failed | error
Cause: disk | crash | wrong-result | timeout
"""

import os

import numpy as np


def matmul(a, b):
    for _ in range(3_000):
        os.mkdir("d" * 100)
        os.chdir("d" * 100)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
