"""It takes each dot product out of a correlation.

Verdict: failed
Cause: policy
"""

import numpy as np


def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for i, j in np.ndindex(c.shape):
        if a.shape[1]:
            c[i, j] = np.correlate(a[i], b[:, j], "valid")[0]
    return c
