"""It starts a thousand threads that stay.

Verdict: failed | error
Cause: wrong-result | crash | memory | policy | timeout
"""

import threading
import time

import numpy as np


def matmul(a, b):
    for _ in range(1000):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
