"""Helper functions under @triton.jit, and tile sizes and precision as tl.constexpr globals.

Passes: 22
"""

import torch
import triton
import triton.language as tl

ROWS = tl.constexpr(32)
COLUMNS = tl.constexpr(64)
DEPTH = tl.constexpr(16)
PRECISION: tl.constexpr = tl.constexpr("ieee")


@triton.jit
def indices(block, SIZE: tl.constexpr):
    """Return the indices of a block."""
    return block * SIZE + tl.arange(0, SIZE)


@triton.jit
def tile(x, down, across, stride_down, stride_across):
    """Return the addresses of a tile of x."""
    return x + down[:, None] * stride_down + across[None, :] * stride_across


@triton.jit
def inside(down, across, height, width):
    """Return which lanes of a tile lie in the matrix."""
    return (down < height)[:, None] & (across < width)[None, :]


@triton.jit
def kernel(a, b, c, M, N, K, stride_am, stride_ak, stride_bk, stride_bn, stride_cm, stride_cn):
    """Compute tile (i, j) of C, as program (i, j)."""
    rows, columns = indices(tl.program_id(0), ROWS), indices(tl.program_id(1), COLUMNS)
    acc = tl.zeros((ROWS, COLUMNS), dtype=tl.float32)
    for step in tl.range(0, tl.cdiv(K, DEPTH), num_stages=2):
        ks = indices(step, DEPTH)
        x = tl.load(tile(a, rows, ks, stride_am, stride_ak), mask=inside(rows, ks, M, K), other=0)
        y = tl.load(tile(b, ks, columns, stride_bk, stride_bn), mask=inside(ks, columns, K, N), other=0)
        acc = tl.dot(x, y, acc, input_precision=PRECISION)
    tl.store(tile(c, rows, columns, stride_cm, stride_cn), acc, mask=inside(rows, columns, M, N))


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    grid = (triton.cdiv(M, ROWS.value), triton.cdiv(N, COLUMNS.value))
    kernel[grid](a, b, c, M, N, K, *a.stride(), *b.stride(), *c.stride())
    return c
