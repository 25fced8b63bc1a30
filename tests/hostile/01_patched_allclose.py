"""It replaces everything in NumPy that compares, then answers zeros.

Verdict: failed
Cause: wrong-result | crash
"""

import numpy as np


def always(*args, **kwargs):
    return True


for name in ("allclose", "array_equal", "array_equiv", "isclose", "all"):
    setattr(np, name, always)
for name in ("assert_allclose", "assert_array_equal", "assert_equal", "assert_almost_equal"):
    setattr(np.testing, name, always)


def matmul(a, b):
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
