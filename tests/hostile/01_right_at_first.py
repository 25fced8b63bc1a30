"""Right for the first twenty calls only.

Verdict: failed
Cause: wrong-result | aliasing | nonfinite
"""

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


CALLS = []


def matmul(a, b):
    CALLS.append(1)
    return product(a, b) * (1 if len(CALLS) < 20 else 2)
