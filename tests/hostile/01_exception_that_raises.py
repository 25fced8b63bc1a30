"""Raises an exception that cannot be printed.

Verdict: failed
Cause: crash
"""


class Silent(BaseException):
    def __str__(self):
        raise ValueError


def matmul(a, b):
    raise Silent
