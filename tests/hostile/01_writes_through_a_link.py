"""Makes a link in its own folder and writes through it.

Verdict: failed
Cause: crash
Canary: yes
"""

import os

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    os.symlink("CANARY_FOLDER/canary.txt", "link")
    open("link", "w").write("changed")
    return product(a, b)
