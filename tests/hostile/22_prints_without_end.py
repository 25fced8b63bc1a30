"""A kernel prints for ever.

Verdict: failed | error
Cause: output-flood | timeout | crash
"""

import torch
import triton
import triton.language as tl


@triton.jit
def chatter(c, N):
    i = 0
    while i < N:
        tl.device_print("x" * 10000, i)


def matmul(a, b):
    c = torch.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    chatter[(1,)](c, c.numel())
    return c
