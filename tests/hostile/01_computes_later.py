"""It returns zeros at once and lets a thread fill in the answer later.

Verdict: failed
Cause: wrong-result | aliasing
"""

import threading
import time

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)

    def later(a=a.copy(), b=b.copy()):
        time.sleep(0.3)
        c[...] = product(a, b)

    threading.Thread(target=later, daemon=True).start()
    return c
