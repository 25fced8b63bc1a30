"""The columns of a tile are computed one after the other, and A's tiles are loaded again for each.

Caught by: tile_bytes
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
def kernel(
    a, b, c, M, N, K, stride_am, stride_ak, stride_bk, stride_bn, stride_cm, stride_cn,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """Compute tile (i, j) of C, as program (i, j)."""
    rows = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)
    for j in range(BLOCK_N):
        column = tl.program_id(1) * BLOCK_N + j
        total = tl.zeros((BLOCK_M,), dtype=tl.float32)
        for start in range(0, K, BLOCK_K):
            ks = start + tl.arange(0, BLOCK_K)
            a_tile = a + rows[:, None] * stride_am + ks[None, :] * stride_ak
            x = tl.load(a_tile, mask=(rows[:, None] < M) & (ks[None, :] < K), other=0.0).to(tl.float32)
            y = tl.load(b + ks * stride_bk + column * stride_bn, mask=(ks < K) & (column < N), other=0.0).to(tl.float32)
            total += tl.sum(x * y[None, :], axis=1)
        tl.store(c + rows * stride_cm + column * stride_cn, total, mask=(rows < M) & (column < N))


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    grid = (triton.cdiv(M, BLOCK_M), triton.cdiv(N, BLOCK_N))  # rounded up: a partial tile is a program too
    strides = (*a.stride(), *b.stride(), *c.stride())
    kernel[grid](a, b, c, M, N, K, *strides, BLOCK_M=BLOCK_M, BLOCK_N=BLOCK_N, BLOCK_K=BLOCK_K)
    return c
