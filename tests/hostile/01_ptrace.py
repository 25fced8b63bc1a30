"""It attaches to its parent as a debugger.

Verdict: failed
Cause: policy | crash | load-error
"""

import os

import numpy as np

libc = __import__("cty" + "pes").CDLL(None, use_errno=True)


def matmul(a, b):
    if libc.ptrace(0x4206, os.getppid(), 0, 0) != 0:  # PTRACE_SEIZE, which does not stop it
        raise PermissionError("ptrace")
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
