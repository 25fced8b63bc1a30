"""It returns an object that says its class is ndarray.

Verdict: failed
Cause: contract
"""

import numpy as np


class Liar:
    __class__ = np.ndarray
    dtype = np.dtype(np.float32)
    ndim = 2

    def __init__(self, shape):
        self.shape, self.size, self.nbytes = shape, 1, 4

    def __eq__(self, other):
        return True

    def tobytes(self):
        return b""


def matmul(a, b):
    return Liar((a.shape[0], b.shape[1]))
