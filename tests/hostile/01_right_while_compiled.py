"""It is honest only while numba compiles, not where its JIT is off.

Verdict: failed
Cause: wrong-result
"""

import numpy as np
from numba import config, njit


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


@njit
def two(x):
    return 2 * x


def matmul(a, b):
    c = product(a, b)
    return c if hasattr(two, "signatures") and not config.DISABLE_JIT else -c
