"""A temporary of M x K x N elements: too much memory at 512.

Verdict: failed
Cause: memory
"""

import numpy as np


def matmul(a, b):
    return (a[:, :, None] * b).sum(axis=1).astype(a.dtype)
