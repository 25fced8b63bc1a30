"""It takes every name of NumPy, and with them the product.

Verdict: failed
Cause: policy
"""

from numpy import *  # noqa: F403


def matmul(a, b):
    return dot(a, b)  # noqa: F405
