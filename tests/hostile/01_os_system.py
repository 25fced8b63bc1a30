"""It runs a shell, which writes outside.

Verdict: failed
Cause: policy | crash
Canary: yes
"""

import os

import numpy as np


def matmul(a, b):
    if os.system("echo owned > 'CANARY_FOLDER/owned.txt'") != 0:
        raise PermissionError
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
