"""It keeps more and more memory (6 GB at most).

Verdict: failed | error
Cause: memory
"""

import time

import numpy as np


def matmul(a, b):
    kept = []
    while len(kept) < 192:
        kept.append(np.ones(1 << 22))  # 32 MB
    time.sleep(1)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
