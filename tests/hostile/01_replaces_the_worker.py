"""It replaces the functions of the module that runs it by one that says yes.

Verdict: failed | error
Cause: wrong-result | no-answer | crash | policy | timeout
"""

import sys

import numpy as np


def yes(*args, **kwargs):
    return True


def matmul(a, b):
    for module in ("__main__", "mlsys_kernels.grading.worker", "mlsys_kernels.grading.values"):
        names = vars(sys.modules.get(module, yes))
        for name in [name for name, value in names.items() if type(value) is type(yes)]:
            names[name] = yes
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
