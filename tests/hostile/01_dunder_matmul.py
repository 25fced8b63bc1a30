"""It calls the method behind the operator @.

Verdict: failed
Cause: policy
"""


def matmul(a, b):
    return a.__matmul__(b)
