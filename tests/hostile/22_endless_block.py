"""Its block size has five thousand digits.

Verdict: failed | error
Cause: crash | no-answer | load-error | contract
"""

import torch
import triton
import triton.language as tl

BLOCK_M = BLOCK_N = BLOCK_K = 10**5000


@triton.jit
def kernel(c, BLOCK: tl.constexpr):
    tl.store(c + tl.arange(0, BLOCK), 0.0)


def matmul(a, b):
    c = torch.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    kernel[(1,)](c, BLOCK=BLOCK_M)
    return c
