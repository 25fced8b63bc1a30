"""It imports subprocess, which no kernel needs.

Verdict: failed
Cause: policy | crash
"""

import subprocess
import sys

import numpy as np


def matmul(a, b):
    code = "import numpy as np; print((np.ones((2, 2)) @ np.ones((2, 2))).sum())"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=5)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
