"""Returns an object whose __class__ says ndarray.

Verdict: failed
Cause: contract
"""

import numpy as np


class Liar:
    __class__ = np.ndarray
    shape = (64, 64)
    dtype = np.dtype("float32")

    def __eq__(self, other):
        return True

    __hash__ = None


def matmul(a, b):
    return Liar()
