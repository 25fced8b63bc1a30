"""It reads and sets the limits of its parent (to what they are).

Verdict: failed
Cause: policy | crash
"""

import os
import resource

import numpy as np


def matmul(a, b):
    pid = os.getppid()
    resource.prlimit(pid, resource.RLIMIT_NOFILE, resource.prlimit(pid, resource.RLIMIT_NOFILE))
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
