"""Returns a list that contains itself.

Verdict: failed
Cause: contract
"""

import numpy as np


def matmul(a, b):
    x = []
    x.append(x)
    return x
