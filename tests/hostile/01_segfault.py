"""It reads address 0 by ctypes.

Verdict: failed | error
Cause: policy | crash
"""

import ctypes


def matmul(a, b):
    return ctypes.string_at(0)
