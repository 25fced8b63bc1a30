"""23 coalescing: which lane touches which byte.

The lanes of a program run in warps of 32, and a warp's load is one instruction: 32 addresses at once. Memory answers in
*sectors* of 32 bytes. Eight lanes that want eight neighbouring floats share one sector; eight lanes that want floats
from eight places need eight, and 28 of the 32 bytes of each are moved for nothing.

    lanes 0 1 2 3 4 5 6 7 8 ...   ->   |01234567|89......|        |        |    neighbours share a sector
    lanes 0 1 2 3 4 5 6 7 8 ...   ->   |0       |1       |2       |3       |    every lane has its own

(Sectors: NVIDIA, CUDA C++ Best Practices Guide, https://docs.nvidia.com/cuda/cuda-c-best-practices-guide. Neighbouring
lanes took a matmul on an A6000 from 309 to 1,986.5 GFLOP/s: S. Boehm, https://siboehm.com/articles/22/CUDA-MMM)

1. A warp reads 4,096 bytes: in step i every lane loads `width` bytes, 4 or 16, from a multiple of `width` on.
   address(lane, i, width) is its first byte. Every byte is read once, in as few sectors per step as possible.
2. In Triton you say which elements a program loads; the compiler gives neighbouring addresses to neighbouring lanes.
   copy(x) returns a new row-major tensor with x's values: its element n is x[n // columns, n % columns].

Write      address; the kernel, one block of the result per program; and in copy the launch, on a grid of one axis
           x is (rows, columns), float32, float16 or bfloat16; any size, 0 included; any strides that are not negative
Goal       4 sectors per step for 4-byte loads, 16 for 16-byte loads; every copy is right, and made by your kernel
Counted    sectors of 32 bytes that the copy touches: hardly more than its bytes fill
Size       roughly 7 lines
Grade      pytest exercises/23_coalescing.py

Give every lane a stretch of 128 bytes of its own. How many sectors does a step touch now, and what share is used?
"""

import torch
import triton
import triton.language as tl

STRETCH = 4096
BLOCK = 256


def address(lane, i, width):
    """Return the byte, 0 to STRETCH - 1, at which lane 0 to 31 begins its load of `width` bytes in step i."""
    # gap: roughly 1 line
    raise NotImplementedError("23_coalescing: say which byte the lane loads")
    # end of gap


def addresses(width):
    """Return the table of all addresses, one row per step and one column per lane."""
    return [[address(lane, i, width) for lane in range(32)] for i in range(STRETCH // (32 * width))]


@triton.jit
def kernel(x, y, count, columns, stride_m, stride_n, BLOCK: tl.constexpr):
    """Copy BLOCK of the `count` elements of x to y, which is row-major."""
    # gap: roughly 4 lines
    raise NotImplementedError("23_coalescing: copy one block")
    # end of gap


def copy(x):
    """Return the values of x (rows, columns) as a new, row-major tensor."""
    y = torch.empty(x.shape, dtype=x.dtype, device=x.device)
    # gap: roughly 2 lines
    raise NotImplementedError("23_coalescing: launch the grid")
    # end of gap
    return y
