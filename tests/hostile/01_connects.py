"""Opens a connection.

Verdict: failed
Cause: policy | crash
"""

import socket

import numpy as np


def product(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k : k + 1] * b[k]
    return c


def matmul(a, b):
    socket.create_connection(("127.0.0.1", 9), timeout=1)
    return product(a, b)
