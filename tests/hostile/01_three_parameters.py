"""matmul takes three arguments.

Verdict: failed
Cause: contract
"""


def matmul(a, b, c):
    return a
