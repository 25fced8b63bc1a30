"""It waits for somebody to type something.

Verdict: failed | error
Cause: timeout | crash
"""

import sys


def matmul(a, b):
    while not sys.stdin.readline():
        pass
    return (a[:, :, None] * b).sum(1)
