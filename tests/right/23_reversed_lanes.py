"""Lane 0 loads the last bytes of a step, and steps come last first; the copy goes by rows and pieces of a row.

Passes: 23
"""

import torch
import triton
import triton.language as tl

STRETCH = 4096
BLOCK = 256


def address(lane, i, width):
    """Return the byte, 0 to STRETCH - 1, at which lane 0 to 31 begins its load of `width` bytes in step i."""
    return STRETCH - width * (32 * i + lane + 1)


def addresses(width):
    """Return the table of all addresses, one row per step and one column per lane."""
    return [[address(lane, i, width) for lane in range(32)] for i in range(STRETCH // (32 * width))]


@triton.jit
def kernel(x, y, columns, pieces, stride_m, stride_n, BLOCK: tl.constexpr):
    """Copy one piece of a row of x to y, which is row-major."""
    row = tl.program_id(0) // pieces
    column = tl.program_id(0) % pieces * BLOCK + tl.arange(0, BLOCK)
    inside = column < columns
    tl.store(y + row * columns + column, tl.load(x + row * stride_m + column * stride_n, mask=inside), mask=inside)


def copy(x):
    """Return the values of x (rows, columns) as a new, row-major tensor."""
    rows, columns = x.shape
    y = torch.empty(rows, columns, dtype=x.dtype, device=x.device)
    pieces = triton.cdiv(columns, BLOCK)
    kernel[(rows * pieces,)](x, y, columns, pieces, *x.stride(), BLOCK=BLOCK)
    return y
