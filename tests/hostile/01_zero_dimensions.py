"""It returns a single NaN without dimensions and hopes that it is broadcast.

Verdict: failed
Cause: contract
"""

import numpy as np


def matmul(a, b):
    return np.array(np.nan, a.dtype)
