"""A function makes the kernel when the module is loaded, and functools.partial gives it its sizes.

Passes: 22
"""

import functools

import torch
import triton
import triton.language as tl

BLOCK_M = 32
BLOCK_N = 32
BLOCK_K = 32


def make_kernel():
    """Return a compiled kernel."""

    @triton.jit
    def kernel(
        a, b, c, M, N, K, stride_am, stride_ak, stride_bk, stride_bn, stride_cm, stride_cn,
        BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr,
    ):  # fmt: skip
        """Compute tile (i, j) of C, as program (i, j)."""
        rows = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)
        columns = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
        acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
        for start in range(0, K, BLOCK_K):
            ks = start + tl.arange(0, BLOCK_K)
            a_tile = a + rows[:, None] * stride_am + ks[None, :] * stride_ak
            b_tile = b + ks[:, None] * stride_bk + columns[None, :] * stride_bn
            x = tl.load(a_tile, mask=(rows[:, None] < M) & (ks[None, :] < K), other=0.0)
            y = tl.load(b_tile, mask=(ks[:, None] < K) & (columns[None, :] < N), other=0.0)
            acc = tl.dot(x, y, acc, input_precision="ieee")
        c_tile = c + rows[:, None] * stride_cm + columns[None, :] * stride_cn
        tl.store(c_tile, acc, mask=(rows[:, None] < M) & (columns[None, :] < N))

    return kernel


product_kernel = make_kernel()


def run(a, b, launch):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    grid = (triton.cdiv(M, BLOCK_M), triton.cdiv(N, BLOCK_N))
    launch(grid, a, b, c, M, N, K, *a.stride(), *b.stride(), *c.stride())
    return c


def launch_kernel(grid, *arguments):
    """Launch on a grid."""
    product_kernel[grid](*arguments, BLOCK_M=BLOCK_M, BLOCK_N=BLOCK_N, BLOCK_K=BLOCK_K)


matmul = functools.partial(run, launch=launch_kernel)
