"""A library's product: operator.matmul.

Verdict: failed
Cause: policy
"""

import numpy as np


def matmul(a, b):
    import operator

    return operator.matmul(a, b)
