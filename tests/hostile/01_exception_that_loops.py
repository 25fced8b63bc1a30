"""Whoever turns its exception into text never comes back.

Verdict: failed | error
Cause: timeout | crash
"""


class Hostile(Exception):
    def __str__(self):
        while True:
            pass

    __repr__ = __str__


def matmul(a, b):
    raise Hostile
