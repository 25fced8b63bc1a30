"""Returns NaN everywhere: max(error) > tolerance is False.

Verdict: failed
Cause: wrong-result | nonfinite
"""

import numpy as np


def matmul(a, b):
    return np.full((a.shape[0], b.shape[1]), np.nan, a.dtype)
