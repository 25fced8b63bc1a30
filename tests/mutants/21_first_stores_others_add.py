"""Several programs share a tile: the first one stores its part of K, the others add theirs to what stands in C.

Caught by: long_k
Cause: race
Diagnosis: order between programs
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
    part = tl.program_id(2)
    a_tile = a + rows[:, None] * K + part * BLOCK_K + ks[None, :]
    b_tile = b + (part * BLOCK_K + ks[:, None]) * N + columns[None, :]
    c_tile = c + rows[:, None] * N + columns[None, :]
    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
    if part > 0:
        acc += tl.load(c_tile).to(tl.float32)
    if K > 0:
        acc = tl.dot(tl.load(a_tile), tl.load(b_tile), acc, input_precision="ieee")
    tl.store(c_tile, acc)


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    grid = (M // BLOCK_M, N // BLOCK_N, max(1, K // BLOCK_K))
    kernel[grid](a, b, c, N, K, BLOCK_M=BLOCK_M, BLOCK_N=BLOCK_N, BLOCK_K=BLOCK_K)
    return c
