"""Its exception is its own cause.

Verdict: failed
Cause: crash
"""


def matmul(a, b):
    error = ValueError("round")
    error.__context__ = other = KeyError("and round")
    other.__context__ = error
    raise error from other
