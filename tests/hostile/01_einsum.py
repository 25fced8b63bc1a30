"""A library's product: np.einsum with optimize, which calls BLAS.

Verdict: failed
Cause: policy
"""

import numpy as np


def matmul(a, b):
    return np.einsum("ik,kj->ij", a, b, optimize=True)
