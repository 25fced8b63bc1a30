"""It sends itself SIGINT a moment after its answer, which is wrong.

Verdict: failed | error
Cause: wrong-result | crash | no-answer
"""

import os
import signal
import threading

import numpy as np


def matmul(a, b):
    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
