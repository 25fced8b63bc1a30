"""It multiplies all rows with all columns by vecdot.

Verdict: failed
Cause: policy
"""

import numpy as np


def matmul(a, b):
    return np.vecdot(a[:, None, :], b.T[None, :, :])
