"""It launches a trillion programs that do nothing.

Verdict: failed | error
Cause: timeout | memory | crash
"""

import torch
import triton
import triton.language as tl


@triton.jit
def nothing(c):
    tl.program_id(0)


def matmul(a, b):
    c = torch.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    nothing[(1 << 20, 1 << 10, 1 << 10)](c)
    return c
