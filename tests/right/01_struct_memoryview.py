"""Rows are packed with struct into a bytearray, which the result then lies in.

Passes: 01
"""

import struct

import numpy as np


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    m, n = a.shape[0], b.shape[1]
    code = {4: "f", 8: "d"}[a.itemsize]
    if m == 0 or n == 0:
        return np.empty((m, n), a.dtype)
    memory = bytearray(m * n * a.itemsize)
    view = memoryview(memory).cast(code, (m, n)) if m * n < 4096 else None
    for i in range(m):
        row = np.zeros(n, a.dtype)
        for p in range(a.shape[1]):
            row += a[i, p] * b[p]
        if view is None:
            struct.pack_into(f"={n}{code}", memory, i * n * a.itemsize, *row.tolist())
        else:
            for j, value in enumerate(row.tolist()):
                view[i, j] = value
    return np.frombuffer(memory, a.dtype).reshape(m, n)
