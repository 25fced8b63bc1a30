"""It compiles a function whose whole body is the operator @, from a string.

Verdict: failed
Cause: policy | crash | load-error
"""

from numba import njit

names = {}
exec("def multiply(a, b): return a " + chr(64) + " b", names)
multiply = njit(names["multiply"])


def matmul(a, b):
    return multiply(a, b)
