"""A program loops over all rows: the grid has one axis, of blocks of columns.

Caught by: programs
Cause: technique
Diagnosis: a program computes several rows
"""

import torch
import triton
import triton.language as tl

BLOCK_N = 32


@triton.jit
def kernel(a, b, c, M, N, K, BLOCK_N: tl.constexpr):
    """Compute block j of every row of C, as program j."""
    columns = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    for row in range(M):
        total = tl.zeros((BLOCK_N,), dtype=tl.float32)
        for k in range(K):
            x = tl.load(a + row * K + k).to(tl.float32)
            total += x * tl.load(b + k * N + columns).to(tl.float32)
        tl.store(c + row * N + columns, total)


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    kernel[(N // BLOCK_N,)](a, b, c, M, N, K, BLOCK_N=BLOCK_N)
    return c
