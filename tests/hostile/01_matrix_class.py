"""A library's product: np.matrix, whose * is @.

Verdict: failed
Cause: policy
"""

import numpy as np


def matmul(a, b):
    return np.asarray(np.asmatrix(a) * np.asmatrix(b))
