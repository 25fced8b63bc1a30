"""A library's product: torch under a name that is put together.

Verdict: failed
Cause: policy | load-error | crash
"""

import numpy as np


def matmul(a, b):
    t = __import__("to" + "rch")
    return (t.from_numpy(a) * 1).numpy()
