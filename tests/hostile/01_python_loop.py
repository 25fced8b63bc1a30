"""A Python loop never ends.

Verdict: error
Cause: timeout
"""


def matmul(a, b):
    while True:
        pass
