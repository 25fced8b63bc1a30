"""A program computes the rows of its tile one after the other, and loads B's tiles again for each.

Caught by: intensity
Cause: technique
Diagnosis: has to serve all rows
"""

import torch
import triton
import triton.language as tl

BLOCK_M = 32
BLOCK_N = 32
BLOCK_K = 32


@triton.jit
def kernel(a, b, c, N, K, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr):
    """Compute tile (i, j) of C, as program (i, j)."""
    columns = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    ks = tl.arange(0, BLOCK_K)
    for i in range(BLOCK_M):
        row = tl.program_id(0) * BLOCK_M + i
        total = tl.zeros((BLOCK_N,), dtype=tl.float32)
        for start in range(0, K, BLOCK_K):
            x = tl.load(a + row * K + start + ks).to(tl.float32)
            y = tl.load(b + (start + ks)[:, None] * N + columns[None, :]).to(tl.float32)
            total += tl.sum(x[:, None] * y, axis=0)
        tl.store(c + row * N + columns, total)


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    grid = (M // BLOCK_M, N // BLOCK_N)
    kernel[grid](a, b, c, N, K, BLOCK_M=BLOCK_M, BLOCK_N=BLOCK_N, BLOCK_K=BLOCK_K)
    return c
