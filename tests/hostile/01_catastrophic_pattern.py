"""A regular expression takes centuries and holds the interpreter's lock.

Verdict: error
Cause: timeout
Seconds: 2
"""

import re

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    re.match(r"(a+)+$", "a" * 64 + "b")
    return product(a, b)
