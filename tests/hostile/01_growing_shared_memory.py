"""It fills shared pages, which no limit on private memory counts (6 GB at most).

Verdict: failed | error
Cause: memory
"""

import mmap
import time

import numpy as np


def matmul(a, b):
    kept = []
    while len(kept) < 96:
        kept.append(mmap.mmap(-1, 64 << 20))
        kept[-1].write(b"x" * (64 << 20))
    time.sleep(1)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
