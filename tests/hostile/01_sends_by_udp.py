"""It sends the inputs away by UDP, which Landlock does not see.

Verdict: failed
Cause: policy | crash
"""

import numpy as np

socket = __import__("_soc" + "ket")


def matmul(a, b):
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.sendto(a.tobytes()[:64], ("127.0.0.1", 9))
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
