"""It stores one element a gigabyte behind C.

Verdict: failed | error
Cause: out-of-bounds | crash
"""

import torch
import triton
import triton.language as tl


@triton.jit
def far(c):
    tl.store(c + (1 << 28) + tl.arange(0, 2), tl.zeros((2,), dtype=tl.float32))


def matmul(a, b):
    c = torch.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    far[(1,)](c)
    return c
