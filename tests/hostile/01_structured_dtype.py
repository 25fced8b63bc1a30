"""It returns the right bytes under a dtype with one field.

Verdict: failed
Cause: contract
"""

import numpy as np


def matmul(a, b):
    return (a[:, :, None] * b).sum(1).view([("x", a.dtype)])
