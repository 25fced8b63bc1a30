"""`matmul` is np.vectorize with a signature, around a function that was written for one pair of matrices.

Passes: 01
"""

import numpy as np


def one_pair(a, b):
    """Return the product of a (M, K) and b (K, N)."""
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for p in range(a.shape[1]):
        c += a[:, p : p + 1] * b[p]
    return c


matmul = np.vectorize(one_pair, signature="(m,k),(k,n)->(m,n)")
