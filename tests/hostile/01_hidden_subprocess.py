"""It starts a program by subprocess, imported under a hidden name.

Verdict: failed
Cause: policy | crash
"""

import numpy as np


def matmul(a, b):
    __import__("sub" + "process").run(["/bin/true"], check=True)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
