"""Does what it may not, then wipes the worker's record of it.

Verdict: failed
Cause: policy | wrong-result | crash | no-answer
"""

import os
import sys

import numpy as np


def matmul(a, b):
    try:
        os.fork()
    except OSError:
        pass
    for name, module in list(sys.modules.items()):
        for value in list(getattr(module, "__dict__", {}).values()):
            if isinstance(value, list) and name.startswith("mlsys_kernels"):
                value.clear()
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
