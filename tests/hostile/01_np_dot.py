"""A library's product: np.dot.

Verdict: failed
Cause: policy
"""

import numpy as np


def matmul(a, b):
    return np.dot(a, b)
