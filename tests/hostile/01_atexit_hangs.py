"""It leaves a function for the end of the process that never ends.

Verdict: failed
Cause: wrong-result
"""

import atexit

import numpy as np


@atexit.register
def stay():
    while True:
        pass


def matmul(a, b):
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
