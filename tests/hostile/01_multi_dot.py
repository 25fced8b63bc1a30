"""It uses the product of several matrices for two.

Verdict: failed
Cause: policy
"""

from numpy.linalg import multi_dot


def matmul(a, b):
    return multi_dot([a, b])
