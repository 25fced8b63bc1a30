"""Operands are padded with zeros to whole tiles, so that no load and no store has a mask; the result is a window.

Passes: 22, 21
"""

import torch
import triton
import triton.language as tl
from torch.nn import functional

BLOCK_M = 32
BLOCK_N = 32
BLOCK_K = 32


@triton.jit
def kernel(a, b, c, N, K, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr):
    """Compute tile (i, j) of C, as program (i, j), of matrices in whole tiles."""
    rows = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)
    columns = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    ks = tl.arange(0, BLOCK_K)
    a_tile = a + rows[:, None] * K + ks[None, :]
    b_tile = b + ks[:, None] * N + columns[None, :]
    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
    for _ in range(K // BLOCK_K):
        acc = tl.dot(tl.load(a_tile), tl.load(b_tile), acc, input_precision="ieee")
        a_tile += BLOCK_K
        b_tile += BLOCK_K * N
    tl.store(c + rows[:, None] * N + columns[None, :], acc)


def whole_tiles(x, down, across):
    """Return x with zeros below and beside it, up to whole tiles; a new tensor."""
    return functional.pad(x, (0, -x.shape[1] % across, 0, -x.shape[0] % down)).contiguous()


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    x, y = whole_tiles(a, BLOCK_M, BLOCK_K), whole_tiles(b, BLOCK_K, BLOCK_N)
    (M, K), N = x.shape, y.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    sizes = {"BLOCK_M": BLOCK_M, "BLOCK_N": BLOCK_N, "BLOCK_K": BLOCK_K}
    kernel[(M // BLOCK_M, N // BLOCK_N)](x, y, c, N, K, **sizes)
    return c[: a.shape[0], : b.shape[1]]
