"""It replaces sys.stdout by something that ends the process when it is flushed.

Verdict: failed | error
Cause: crash | wrong-result | no-answer
"""

import os
import sys

import numpy as np


class Stream:
    def write(self, text):
        return len(text)

    def flush(self):
        os._exit(0)


def matmul(a, b):
    sys.stdout = sys.stderr = Stream()
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
