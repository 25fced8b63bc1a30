"""It clears the list of what was refused, so that nobody hears of its socket.

Verdict: failed | error
Cause: policy | crash | wrong-result | load-error
"""

import sys

import numpy as np


def matmul(a, b):
    try:
        __import__("soc" + "ket").socket()
    except OSError:
        pass
    for name, module in list(sys.modules.items()):
        if name.startswith("mlsys_kernels.") and hasattr(module, "_refused"):
            module._refused.clear()
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
