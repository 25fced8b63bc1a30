"""Asks for a terabyte.

Verdict: failed
Cause: memory
"""

import numpy as np


def matmul(a, b):
    return np.ones(1 << 40)
