"""It opens an abstract socket, which has no place in the file system.

Verdict: failed
Cause: policy | crash
"""

import numpy as np

socket = __import__("soc" + "ket")


def matmul(a, b):
    with socket.socket(socket.AF_UNIX) as line:
        line.bind("\0mlsys-hostile")
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
