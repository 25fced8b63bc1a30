"""Raises KeyboardInterrupt, which stops a careless grader.

Verdict: failed
Cause: crash
"""


def matmul(a, b):
    raise KeyboardInterrupt
