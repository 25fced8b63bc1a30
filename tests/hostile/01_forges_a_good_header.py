"""Writes a reply that is well formed, with the wrong values in the pages.

Verdict: failed | error
Cause: no-answer | wrong-result | crash
"""

import os
import struct

import numpy as np


def matmul(a, b):
    head = struct.pack("<4sIHBBBxHiI6q", b"MLK2", 3, 2, 0, 10, 2, 0, -1, 0, a.shape[0], b.shape[1], 0, 0, 0, 0)
    for fd in range(3, 256):
        try:
            os.write(fd, head)
        except OSError:
            pass
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
