"""It aborts.

Verdict: error
Cause: crash
"""

import os


def matmul(a, b):
    os.abort()
