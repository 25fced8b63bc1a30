"""It returns an object that gives itself out as an array by __array_interface__.

Verdict: failed
Cause: contract
"""

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


class Interface:
    def __init__(self, c):
        self.c = c
        self.__array_interface__ = c.__array_interface__


def matmul(a, b):
    return Interface(product(a, b))
