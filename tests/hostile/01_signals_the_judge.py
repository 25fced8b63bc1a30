"""Sends a signal to the process that started it.

Verdict: failed
Cause: crash
"""

import os
import signal

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    os.kill(os.getppid(), signal.SIGTERM)
    return product(a, b)
