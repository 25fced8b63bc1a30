"""It prints the environment of its parent and of process 1.

Verdict: failed
Cause: crash | policy
"""

import os

import numpy as np


def matmul(a, b):
    for pid in (os.getppid(), 1):
        with open(f"/proc/{pid}/environ", "rb") as file:
            print(file.read())
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
