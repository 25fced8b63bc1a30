"""Whoever turns its exception into text leaves with status 0.

Verdict: failed | error
Cause: crash
"""

import os


class Hostile(Exception):
    def __str__(self):
        os._exit(0)

    __repr__ = __str__


def matmul(a, b):
    raise Hostile
