"""Copies with rows of whole 16 bytes are read and written through tl.make_tensor_descriptor.

Passes: 22
"""

import torch
import triton
import triton.language as tl
from torch.nn import functional

BLOCK_M = 32
BLOCK_N = 32
BLOCK_K = 32


@triton.jit
def kernel(a, b, c, M, N, K, row_a, row_b, row_c, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr):
    """Compute tile (i, j) of C, as program (i, j)."""
    a_all = tl.make_tensor_descriptor(a, shape=[M, K], strides=[row_a, 1], block_shape=[BLOCK_M, BLOCK_K])
    b_all = tl.make_tensor_descriptor(b, shape=[K, N], strides=[row_b, 1], block_shape=[BLOCK_K, BLOCK_N])
    c_all = tl.make_tensor_descriptor(c, shape=[M, N], strides=[row_c, 1], block_shape=[BLOCK_M, BLOCK_N])
    row, column = tl.program_id(0) * BLOCK_M, tl.program_id(1) * BLOCK_N
    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
    for start in range(0, K, BLOCK_K):
        acc = tl.dot(a_all.load([row, start]), b_all.load([start, column]), acc, input_precision="ieee")
    c_all.store([row, column], acc.to(c.dtype.element_ty))


def aligned(x):
    """Return a row-major copy of x whose rows are a multiple of 8 elements apart, filled up with zeros."""
    return functional.pad(x, (0, -x.shape[1] % 8)).contiguous()


def room(size, alignment, stream):
    """Give a launch the memory that its descriptors take on a GPU."""
    del alignment, stream
    return torch.empty(size, dtype=torch.int8, device="cuda")


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    (M, K), N = a.shape, b.shape[1]
    if min(M, N, K) == 0:  # a descriptor of nothing is not allowed
        return torch.zeros((M, N), dtype=a.dtype, device=a.device)
    if a.is_cuda:
        triton.set_allocator(room)
    x, y = aligned(a), aligned(b)
    c = torch.empty((M, y.shape[1]), dtype=a.dtype, device=a.device)
    grid = (triton.cdiv(M, BLOCK_M), triton.cdiv(N, BLOCK_N))
    sizes = {"BLOCK_M": BLOCK_M, "BLOCK_N": BLOCK_N, "BLOCK_K": BLOCK_K}
    kernel[grid](x, y, c, M, N, K, x.stride(0), y.stride(0), c.stride(0), **sizes)
    return c[:, :N]
