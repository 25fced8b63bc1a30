"""C = A B on one CPU core, in numba: packed panels and a register tile, in the loop nest of the BLIS library.

    for jc in steps of NC          columns of B and C
      for pc in steps of KC        terms of the sum          pack B: KC x NC, stays in L2
        for ic in steps of MC      rows of A and C           pack A: MC x KC, stays in L1
          for j in steps of NR       a panel of B: NR columns
            for i in steps of MR     a panel of A: MR rows
              micro_kernel           MR x NR sums of KC products, in registers

The loops and names are those of Van Zee and van de Geijn, "BLIS: A Framework for Rapidly Instantiating BLAS
Functionality", ACM TOMS 41(3), 2015, https://doi.org/10.1145/2764454. One thing differs. BLIS runs its vectors along
the columns of the tile; numba cannot be told to. Here a vector runs along K, so both packed blocks keep the terms of
one sum next to each other, and the compiler turns MR x NR running sums into MR x NR vector registers.

Contract: `gemm` takes NumPy arrays that are already known to fit; `mlsys_kernels.matmul` is what checks them. float32
and float64 are summed in their own type. float16 is converted to float32 first, both operands whole, summed in
float32, and rounded once. Any shape, 0 included, and any strides: only packing and the last addition look at A, B, C.
Limits: one thread; edges are padded, so a matrix with one row or column does up to NR times the work.
Every call has its own workspace and releases the GIL, so calls from several Python threads are safe.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
from numba import config, from_dtype, njit, types
from numpy.typing import NDArray

Matrix = NDArray[Any]

# The register tile. 2 x 4 running sums, 2 values of A and 4 of B are 14 vectors, and x86-64 without AVX-512 has 16:
# with 3 x 4 the compiler starts to keep sums in memory.
MR, NR = 2, 4
# A block of A is MC x KC (24 KiB in float32: L1), a block of B is KC x NC (384 KiB in float32: L2).
MC, KC, NC = 16, 384, 256

# Two liberties for the compiler: sum in another order, and fuse a product with its addition. Both keep NaN and
# infinity; fastmath=True would not.
SUM_FREELY = {"reassoc", "contract"}


def gemm(a: Matrix, b: Matrix, c: Matrix) -> None:
    """Overwrite c (M, N) with the product of a (M, K) and b (K, N); all float16, float32 or float64, all the same.

    Nothing is checked. `c` may be any view, and may share memory with a or b.
    """
    accumulator = np.dtype(np.float32) if c.dtype == np.float16 else c.dtype
    # Numba reads only aligned arrays. Neither line copies an array that is aligned and has the type already.
    a = np.require(a, accumulator, "A")
    b = np.require(b, accumulator, "A")
    in_place = c.dtype == accumulator and c.flags.aligned
    # A block of C is written before all of A and B has been read.
    in_place = in_place and not np.may_share_memory(c, a) and not np.may_share_memory(c, b)
    target = c if in_place else np.empty(c.shape, accumulator)
    _compiled(accumulator)(a, b, target)
    if not in_place:
        with np.errstate(all="ignore"):  # a sum that is too large for float16 is infinite, as it would be in float32
            c[...] = target


@cache
def _compiled(dtype: np.dtype[Any]) -> Callable[[Matrix, Matrix, Matrix], None]:
    """Compile macro_kernel for float32 or float64, or load it from numba's cache on disk.

    Called directly, numba would compile once more for each mix of C, Fortran and strided arguments, seconds each.
    This compiles for "A", any layout, alone: the blocks are packed before they are used, so nothing is lost.
    """
    if config.DISABLE_JIT:
        return macro_kernel  # type: ignore[no-any-return]
    with suppress(RuntimeError):  # no folder that numba may write to: compile in every process
        macro_kernel.enable_caching()
    matrix = types.Array(from_dtype(dtype), 2, "A")
    return macro_kernel.compile((matrix, matrix, matrix))  # type: ignore[no-any-return]


@njit
def pack_a(a: Matrix, a_block: Matrix) -> None:
    """Copy a (mc, kc) into the rows of a_block; rows of zeros fill up the last panel of MR.

    The sums over those rows are thrown away. Zeros, because what lies in fresh memory may be denormal numbers, with
    which arithmetic is many times slower.
    """
    mc, kc = a.shape
    for i in range(mc):
        row = a_block[i]
        for p in range(kc):
            row[p] = a[i, p]
    for i in range(mc, round_up(mc, MR)):
        for p in range(kc):
            a_block[i, p] = 0


@njit
def pack_b(b: Matrix, b_block: Matrix) -> None:
    """Copy the columns of b (kc, nc) into the rows of b_block; rows of zeros fill up the last panel of NR, as above."""
    kc, nc = b.shape
    # Panel by panel: the NR rows that are written at the same time stay in L1.
    for j in range(0, nc, NR):
        width = min(NR, nc - j)
        for p in range(kc):
            for s in range(width):
                b_block[j + s, p] = b[p, j + s]
        for s in range(width, NR):
            for p in range(kc):
                b_block[j + s, p] = 0


@njit
def round_up(size: int, multiple: int) -> int:
    """The smallest multiple of `multiple` that is at least `size`."""
    return (size + multiple - 1) // multiple * multiple


@njit(fastmath=SUM_FREELY)
def micro_kernel(a_block: Matrix, b_block: Matrix, i: int, j: int, kc: int, tile: Matrix) -> None:
    """Overwrite tile (MR, NR) with the sums over kc terms of rows i, i+1 of A and columns j ... j+3 of B.

    Written out for MR = 2 and NR = 4, because names can live in registers and the elements of an array cannot.
    """
    a0, a1 = a_block[i, :kc], a_block[i + 1, :kc]
    b0, b1, b2, b3 = b_block[j, :kc], b_block[j + 1, :kc], b_block[j + 2, :kc], b_block[j + 3, :kc]
    zero = tile.dtype.type(0)
    c00 = c01 = c02 = c03 = zero
    c10 = c11 = c12 = c13 = zero
    for p in range(kc):
        c00 += a0[p] * b0[p]
        c01 += a0[p] * b1[p]
        c02 += a0[p] * b2[p]
        c03 += a0[p] * b3[p]
        c10 += a1[p] * b0[p]
        c11 += a1[p] * b1[p]
        c12 += a1[p] * b2[p]
        c13 += a1[p] * b3[p]
    tile[0, 0], tile[0, 1], tile[0, 2], tile[0, 3] = c00, c01, c02, c03
    tile[1, 0], tile[1, 1], tile[1, 2], tile[1, 3] = c10, c11, c12, c13


@njit(nogil=True)
def macro_kernel(a: Matrix, b: Matrix, c: Matrix) -> None:
    """Overwrite c (M, N) with the product of a (M, K) and b (K, N), block by block."""
    m, k = a.shape
    n = b.shape[1]
    a_block = np.empty((round_up(min(m, MC), MR), min(k, KC)), c.dtype)
    b_block = np.empty((round_up(min(n, NC), NR), min(k, KC)), c.dtype)
    tile = np.empty((MR, NR), c.dtype)
    for i in range(m):
        for j in range(n):
            c[i, j] = 0
    for jc in range(0, n, NC):
        nc = min(NC, n - jc)
        for pc in range(0, k, KC):
            kc = min(KC, k - pc)
            pack_b(b[pc : pc + kc, jc : jc + nc], b_block)
            for ic in range(0, m, MC):
                mc = min(MC, m - ic)
                pack_a(a[ic : ic + mc, pc : pc + kc], a_block)
                for j in range(0, nc, NR):
                    for i in range(0, mc, MR):
                        micro_kernel(a_block, b_block, i, j, kc, tile)
                        # Of a tile on the edge, only the part that lies inside C.
                        for r in range(min(MR, mc - i)):
                            for s in range(min(NR, nc - j)):
                                c[ic + i + r, jc + j + s] += tile[r, s]
