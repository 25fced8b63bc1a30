"""Programs take every p-th element, as threads on a CPU would: lanes are as far apart as there are programs.

Caught by: sectors
Cause: technique
Diagnosis: neighbouring lanes have to touch
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
    n = tl.arange(0, BLOCK) * tl.num_programs(0) + tl.program_id(0)
    inside = n < count
    value = tl.load(x + n // columns * stride_m + n % columns * stride_n, mask=inside)
    tl.store(y + n, value, mask=inside)


def copy(x):
    """Return the values of x (rows, columns) as a new, row-major tensor."""
    y = torch.empty(x.shape, dtype=x.dtype, device=x.device)
    grid = (triton.cdiv(x.numel(), BLOCK),)
    kernel[grid](x, y, x.numel(), x.shape[1], *x.stride(), BLOCK=BLOCK)
    return y
