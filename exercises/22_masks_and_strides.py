"""22 masks and strides: any shape, any layout.

Blocks have fixed sizes, matrices do not. The last tile in each direction reaches past the edge:

              32     29                 mask = columns < N is a block of True and False: tl.load and tl.store leave
          +-------+------+.             lanes alone that are False. tl.load(address, mask=..., other=x) puts x there;
      32  |       |      | :            without `other`, a GPU may leave anything in them.
          +-------+------+ :            Rows and columns past the edge of C are harmless, as long as they are not
      29  |       |      | :            stored. Past the end of K it is another matter: those lanes go into every sum.
          +-------+------+ :
           . . . . . . . . .

Nor do the rows of a matrix have to lie one after the other. x.stride(0) and x.stride(1) say how many elements of
memory lie between neighbours in a column and in a row: x[i, j] is element i * x.stride(0) + j * x.stride(1).

    a matrix 1000 x 70, row-major     strides (70, 1)          its transpose x.T       strides (1, 70)
    its columns 10 to 19, x[:, 10:20] strides (70, 1)          every second row        strides (140, 1)

Not one of them copies anything. Outside of what the strides reach, the cases here put NaN.

Write      kernel: the one of 21 with strides and masks; and in matmul the grid and the launch
           a is (M, K), b is (K, N); any size, 0 included; any strides that are not negative
           float32, float16 or bfloat16; the sum is float32, without tf32
Goal       every case passes; no torch.matmul
Counted    bytes loaded (70 x 50 x 45, blocks of 32): at most twice those of the tiles
Size       roughly 17 lines
Grade      pytest exercises/22_masks_and_strides.py

Load with other=1.0 in place of 0.0. Which cases fail, which still pass, and why does none of them crash?
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
    # gap: roughly 14 lines
    raise NotImplementedError("22_masks_and_strides: write what one program does")
    # end of gap


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    # gap: roughly 3 lines
    raise NotImplementedError("22_masks_and_strides: launch the grid")
    # end of gap
    return c
