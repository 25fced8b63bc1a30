"""It rounds to float16 first, which a tolerance of 1e-2 does not see.

Verdict: failed
Cause: precision | wrong-result
"""

import numpy as np


def matmul(a, b):
    x, y = a.astype(np.float16).astype(a.dtype), b.astype(np.float16).astype(a.dtype)
    return (x[:, :, None] * y).sum(1)
