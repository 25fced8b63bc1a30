"""It returns nested lists of the right numbers.

Verdict: failed
Cause: contract
"""


def matmul(a, b):
    return (a[:, :, None] * b).sum(1).tolist()
