"""It removes itself and its library from the table of modules.

Verdict: failed | error
Cause: no-answer | crash | wrong-result | load-error
"""

import sys

import numpy as np

sys.modules.clear()


def matmul(a, b):
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
