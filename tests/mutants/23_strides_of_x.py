"""y is made by empty_like, which keeps the strides of x: the transpose of a row-major matrix is not row-major.

Caught by: copy_transposed
Cause: wrong-result
Diagnosis: the strides of C are ignored
"""

import torch
import triton
import triton.language as tl

STRETCH = 4096
BLOCK = 256


def address(lane, i, width):
    """Return the byte, 0 to STRETCH - 1, at which lane 0 to 31 begins its load of `width` bytes in step i."""
    return (i * 32 + lane) * width  # a step takes the next 32 * width bytes, and its lanes stand side by side


def addresses(width):
    """Return the table of all addresses, one row per step and one column per lane."""
    return [[address(lane, i, width) for lane in range(32)] for i in range(STRETCH // (32 * width))]


@triton.jit
def kernel(x, y, count, columns, stride_m, stride_n, BLOCK: tl.constexpr):
    """Copy BLOCK of the `count` elements of x to y, which is row-major."""
    n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = n < count
    value = tl.load(x + n // columns * stride_m + n % columns * stride_n, mask=inside)
    tl.store(y + n, value, mask=inside)  # neighbouring elements, neighbouring addresses


def copy(x):
    """Return the values of x (rows, columns) as a new, row-major tensor."""
    y = torch.empty_like(x)
    grid = (triton.cdiv(x.numel(), BLOCK),)
    kernel[grid](x, y, x.numel(), x.shape[1], *x.stride(), BLOCK=BLOCK)
    return y
