"""Returns a masked array in which everything is masked.

Verdict: failed
Cause: contract
"""

import numpy as np


def matmul(a, b):
    return np.ma.masked_all((a.shape[0], b.shape[1]), a.dtype)
