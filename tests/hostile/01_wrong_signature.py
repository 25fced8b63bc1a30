"""It takes three arguments.

Verdict: failed
Cause: contract
"""


def matmul(a, b, c):
    c[...] = (a[:, :, None] * b).sum(1)
