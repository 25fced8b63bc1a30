"""It returns an array of a terabyte that takes no memory.

Verdict: failed | error
Cause: contract | memory
"""

import numpy as np


def matmul(a, b):
    return np.broadcast_to(np.zeros(1, a.dtype), (1 << 20, 1 << 20))
