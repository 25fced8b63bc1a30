"""It returns an int with a million digits.

Verdict: failed | error
Cause: contract | no-answer
"""


def matmul(a, b):
    return 1 << 4_000_000
