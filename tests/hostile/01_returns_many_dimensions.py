"""It returns an array of 64 dimensions.

Verdict: failed
Cause: contract
"""

import numpy as np


def matmul(a, b):
    return np.zeros((1,) * 64, a.dtype)
