"""It lifts Python's recursion limit and overflows the stack of C.

Verdict: error
Cause: crash | out-of-bounds | memory
"""

import sys

sys.setrecursionlimit(1 << 30)


def deeper(x):
    return sorted([x], key=deeper)


def matmul(a, b):
    return deeper(a)
