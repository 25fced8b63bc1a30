"""It gives numba one new function after another to compile.

Verdict: failed | error
Cause: timeout | memory | crash
"""

from numba import njit


def matmul(a, b):
    number = 0.0
    while True:
        names = {}
        exec(f"def f(x): return x + {number}", names)
        njit(cache=False)(names["f"])(1.0)
        number += 1
