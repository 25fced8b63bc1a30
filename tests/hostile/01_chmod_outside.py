"""It takes all permissions from a file outside, which needs no open file.

Verdict: failed
Cause: policy | crash
Canary: yes
"""

import os

import numpy as np


def matmul(a, b):
    os.chmod("CANARY_FOLDER/canary.txt", 0)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
