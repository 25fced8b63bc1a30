"""It imports the package's own product by a name that is put together.

Verdict: failed
Cause: crash | policy | load-error
"""

import importlib


def matmul(a, b):
    kernel = importlib.import_module("mlsys_" + "kernels.kernels.cpu_gemm")
    import numpy as np

    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    kernel.gemm(a, b, c)
    return c
