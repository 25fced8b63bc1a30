"""It calls the array's own method dot.

Verdict: failed
Cause: policy
"""


def matmul(a, b):
    return a.dot(b)
