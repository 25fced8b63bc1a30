"""The constants stay at the top of the file: the launch has 32 written into it.

Caught by: intensity
Cause: technique
Diagnosis: changed nothing
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
    ks = tl.arange(0, BLOCK_K)
    a_tile = a + rows[:, None] * K + ks[None, :]
    b_tile = b + ks[:, None] * N + columns[None, :]
    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
    for _ in range(0, K, BLOCK_K):
        acc = tl.dot(tl.load(a_tile), tl.load(b_tile), acc, input_precision="ieee")
        a_tile += BLOCK_K  # to the right along a row
        b_tile += BLOCK_K * N  # down: a whole row further for each k
    tl.store(c + rows[:, None] * N + columns[None, :], acc)


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    kernel[(M // 32, N // 32)](a, b, c, N, K, BLOCK_M=32, BLOCK_N=32, BLOCK_K=32)
    return c
