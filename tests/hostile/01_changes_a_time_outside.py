"""It sets the time of a file outside to 1970.

Verdict: failed
Cause: policy | crash
Canary: yes
"""

import os

import numpy as np


def matmul(a, b):
    os.utime("CANARY_FOLDER/canary.txt", (0, 0))
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
