"""It raises what `except Exception` does not catch.

Verdict: failed
Cause: crash
"""


class Quiet(BaseException):
    pass


def matmul(a, b):
    raise Quiet
