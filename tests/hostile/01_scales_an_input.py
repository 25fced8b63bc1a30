"""It answers right but leaves B twice as large.

Verdict: failed
Cause: mutates-input
"""


def matmul(a, b):
    c = (a[:, :, None] * b).sum(1)
    b *= 2
    return c
