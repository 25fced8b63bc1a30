"""It starts a program by posix_spawn.

Verdict: failed
Cause: policy | crash
"""

import os

import numpy as np


def matmul(a, b):
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
