"""It uses up the file system's places for files (20,000 at most).

Verdict: failed | error
Cause: disk
"""

import time
from pathlib import Path

import numpy as np


def matmul(a, b):
    for number in range(20_000):
        Path(f"{number}").touch()
    time.sleep(1)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
