"""It ends its parent.

Verdict: failed
Cause: policy | crash
"""

import os
import signal

import numpy as np


def matmul(a, b):
    os.kill(os.getppid(), signal.SIGTERM)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
