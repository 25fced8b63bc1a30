"""It raises ten thousand exceptions within each other.

Verdict: failed | error
Cause: crash | timeout | no-answer
"""


def matmul(a, b):
    error = ValueError("inside")
    for _ in range(10_000):
        error = ExceptionGroup("deeper", [error])
    raise error
