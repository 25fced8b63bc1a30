"""It asks for a user namespace of its own, in which it would be root.

Verdict: failed
Cause: policy | crash | load-error
"""

import numpy as np

libc = __import__("cty" + "pes").CDLL(None, use_errno=True)


def matmul(a, b):
    if libc.unshare(0x10000000) != 0:  # CLONE_NEWUSER
        raise PermissionError("unshare")
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
