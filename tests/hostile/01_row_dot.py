"""It writes the loops over rows and columns and lets BLAS do the innermost one.

Verdict: failed
Cause: policy
"""

import numpy as np


def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            c[i, j] = np.dot(a[i], b[:, j])
    return c
