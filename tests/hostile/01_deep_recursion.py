"""It calls itself for ever.

Verdict: failed
Cause: crash
"""


def matmul(a, b):
    return matmul(a, b)
