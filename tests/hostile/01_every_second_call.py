"""It answers every second call with the answer before.

Verdict: failed
Cause: wrong-result | contract | nonfinite
"""

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


calls, last = 0, None


def matmul(a, b):
    global calls, last
    calls += 1
    if calls % 2 == 0:
        return last.copy()
    last = product(a, b)
    return last
