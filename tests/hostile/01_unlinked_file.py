"""It fills files that it has already removed, so that nobody finds them (2 GB at most).

Verdict: failed | error
Cause: disk | crash | policy
"""

import tempfile
import time

import numpy as np


def matmul(a, b):
    kept = []
    while len(kept) < 100:
        kept.append(tempfile.TemporaryFile())
        kept[-1].write(b"x" * (20 << 20))
        kept[-1].flush()
    time.sleep(1)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
