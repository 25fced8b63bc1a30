"""It answers infinity, whose relative error is NaN.

Verdict: failed
Cause: wrong-result | nonfinite
"""

import numpy as np


def matmul(a, b):
    return np.full((a.shape[0], b.shape[1]), np.inf, a.dtype)
