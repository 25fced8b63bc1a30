"""Raises an exception whose text is code, colour and a megabyte.

Verdict: failed
Cause: crash
"""


class Loud(Exception):
    def __str__(self):
        return "\x1b[2J" + "x" * 1_000_000


def matmul(a, b):
    raise Loud
