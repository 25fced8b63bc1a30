"""It removes its own limits on memory, files and time.

Verdict: failed
Cause: policy | crash | wrong-result
"""

import resource

import numpy as np


def matmul(a, b):
    for name in ("RLIMIT_DATA", "RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_CPU", "RLIMIT_NOFILE"):
        number = getattr(resource, name)
        hard = resource.getrlimit(number)[1]
        resource.setrlimit(number, (hard, hard if hard < 0 else hard + 1))
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
