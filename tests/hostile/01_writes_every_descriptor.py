"""Writes a forged reply into every open descriptor.

Verdict: failed | error
Cause: no-answer | crash | wrong-result
"""

import os

import numpy as np


def matmul(a, b):
    for fd in range(3, 256):
        try:
            os.write(fd, b"MLK2" + bytes(80))
        except OSError:
            pass
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
