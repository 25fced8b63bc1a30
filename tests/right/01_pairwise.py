"""Pairwise summation: K is halved until one term is left, and the halves are added.

Passes: 01
"""

import numpy as np


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    k = a.shape[1]
    if k == 0:
        return np.zeros((a.shape[0], b.shape[1]), a.dtype)
    if k == 1:
        return a * b
    half = k // 2
    left = matmul(a[:, :half], b[:half])
    left += matmul(a[:, half:], b[half:])
    return left
