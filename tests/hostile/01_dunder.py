"""A library's product: a.__matmul__(b).

Verdict: failed
Cause: policy
"""

import numpy as np


def matmul(a, b):
    return a.__matmul__(b)
