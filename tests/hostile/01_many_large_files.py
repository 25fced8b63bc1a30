"""It fills the disk with files that are each small enough (2 GB at most).

Verdict: failed | error
Cause: disk
"""

import tempfile
import time
from pathlib import Path

import numpy as np


def matmul(a, b):
    for number in range(128):
        Path(tempfile.gettempdir(), f"part{number}").write_bytes(b"x" * (16 << 20))
    time.sleep(1)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
