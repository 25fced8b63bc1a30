"""It turns the operands into np.matrix, for which * is the product.

Verdict: failed
Cause: policy
"""

import numpy as np


def matmul(a, b):
    return np.asarray(np.matrix(a) * np.matrix(b))
