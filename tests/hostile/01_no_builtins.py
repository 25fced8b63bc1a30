"""It takes the built-in functions away from everybody.

Verdict: failed | error
Cause: no-answer | crash | wrong-result | contract
"""

import builtins

import numpy as np


def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for name in ("len", "isinstance", "getattr", "type", "open", "all", "any", "BaseException"):
        delattr(builtins, name)
    return c
