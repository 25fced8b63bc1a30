"""It makes a folder outside.

Verdict: failed
Cause: policy | crash
Canary: yes
"""

import os

import numpy as np


def matmul(a, b):
    os.mkdir("CANARY_FOLDER/folder")
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
