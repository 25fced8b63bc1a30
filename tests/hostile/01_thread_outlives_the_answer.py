"""A thread that is no daemon goes on after the answer, which is wrong.

Verdict: failed | error
Cause: wrong-result | timeout
"""

import threading
import time

import numpy as np


def stay():
    while True:
        time.sleep(0.01)


def matmul(a, b):
    threading.Thread(target=stay).start()
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
