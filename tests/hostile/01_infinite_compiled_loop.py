"""A compiled loop that never ends.

Verdict: error
Cause: timeout
Seconds: 2
"""

from numba import njit


@njit
def spin(x):
    while x[0, 0] == x[0, 0]:
        pass


def matmul(a, b):
    spin(a)
    return a
