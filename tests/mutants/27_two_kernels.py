"""The product is one kernel, bias and ReLU a second one, with a tensor of float32 between them.

Caught by: result_bytes
Cause: technique
Diagnosis: change the sum while it is in registers
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
    columns = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
    for start in range(0, K, BLOCK_K):
        ks = start + tl.arange(0, BLOCK_K)
        a_tile = a + rows[:, None] * stride_am + ks[None, :] * stride_ak
        b_tile = b + ks[:, None] * stride_bk + columns[None, :] * stride_bn
        x = tl.load(a_tile, mask=(rows[:, None] < M) & (ks[None, :] < K), other=0.0)
        y = tl.load(b_tile, mask=(ks[:, None] < K) & (columns[None, :] < N), other=0.0)
        acc = tl.dot(x, y, acc, input_precision="ieee")
    # the epilogue is a kernel of its own
    c_tile = c + rows[:, None] * stride_cm + columns[None, :] * stride_cn
    tl.store(c_tile, acc, mask=(rows[:, None] < M) & (columns[None, :] < N))


@triton.jit
def epilogue(product, c, bias, count, N, BLOCK: tl.constexpr):
    """Store ReLU(product + bias), BLOCK elements of it, in c."""
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    value = tl.load(product + at, mask=at < count, other=0.0)
    value += tl.load(bias + at % N, mask=at < count, other=0.0).to(tl.float32)
    tl.store(c + at, tl.where(value < 0.0, 0.0, value), mask=at < count)


def matmul_bias_relu(a, b, bias):
    """Return ReLU(a b + bias) as a new tensor; a is (M, K), b is (K, N), bias is (N,)."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    grid = (triton.cdiv(M, BLOCK_M), triton.cdiv(N, BLOCK_N))
    product = torch.empty((M, N), dtype=torch.float32, device=a.device)
    strides = (*a.stride(), *b.stride(), *product.stride())
    kernel[grid](a, b, product, M, N, K, *strides, BLOCK_M=BLOCK_M, BLOCK_N=BLOCK_N, BLOCK_K=BLOCK_K)
    epilogue[(triton.cdiv(M * N, 1024),)](product, c, bias, M * N, N, BLOCK=1024)
    return c
