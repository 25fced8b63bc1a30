"""It hands the work to an executor that starts processes.

Verdict: failed | error
Cause: policy | crash
"""

from concurrent.futures import ProcessPoolExecutor

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    with ProcessPoolExecutor(1) as pool:
        return pool.submit(product, a, b).result()
