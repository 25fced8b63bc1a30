"""Overflows the stack of the machine.

Verdict: failed | error
Cause: crash | memory | timeout
"""

import sys


sys.setrecursionlimit(1 << 30)


def matmul(a, b):
    return (lambda f: f(f))(lambda f: f(f))
