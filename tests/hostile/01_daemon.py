"""It forks twice into a session of its own, to write outside when all is over.

Verdict: failed
Cause: policy | crash
Canary: yes
"""

import os
import time

import numpy as np


def matmul(a, b):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(2)
            with open("CANARY_FOLDER/survivor.txt", "w") as file:
                file.write("still here")
        os._exit(0)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
