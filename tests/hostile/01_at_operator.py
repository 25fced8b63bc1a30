"""A library's product: the operator @.

Verdict: failed
Cause: policy
"""

import numpy as np


def matmul(a, b):
    return a @ b
