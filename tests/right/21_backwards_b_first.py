"""The loop goes from the end of K to its beginning, and loads the tile of B first.

Passes: 21
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
    rows = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)
    columns = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
    for step in range(K // BLOCK_K):
        ks = K - (step + 1) * BLOCK_K + tl.arange(0, BLOCK_K)
        y = tl.load(b + ks[:, None] * N + columns[None, :])
        x = tl.load(a + rows[:, None] * K + ks[None, :])
        acc += tl.dot(x, y, input_precision="ieee")
    tl.store(c + rows[:, None] * N + columns[None, :], acc)


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    grid = (M // BLOCK_M, N // BLOCK_N)
    kernel[grid](a, b, c, N, K, BLOCK_M=BLOCK_M, BLOCK_N=BLOCK_N, BLOCK_K=BLOCK_K)
    return c
