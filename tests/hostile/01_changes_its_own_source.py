"""It rewrites its own file while it is graded.

Verdict: failed
Cause: policy | crash | wrong-result
"""

from pathlib import Path

import numpy as np


def matmul(a, b):
    Path(__file__).write_text("def matmul(a, b): return a @ b")
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
