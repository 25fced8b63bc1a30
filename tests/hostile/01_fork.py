"""It starts children, at most twenty, that outlive the call.

Verdict: failed
Cause: policy | crash
"""

import os
import time

import numpy as np


def matmul(a, b):
    for _ in range(20):
        if os.fork() == 0:
            time.sleep(2)
            os._exit(0)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
