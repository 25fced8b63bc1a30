"""10 packed: copy the operands into the order in which they are used.

08 falls back when the matrices grow, for two reasons. All of b_t passes by for every MR rows of A, and no longer fits
in a cache. And rows that lie a power of two apart fall into the same few places of a cache and push each other out.

A fast library copies first (Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication, ACM TOMS 34(3),
2008, https://doi.org/10.1145/1356052.1356053). It cuts K into pieces of KC terms. Of each piece, rows of A are packed
into panels of MR rows, columns of B into panels of NR columns. A panel is one stretch of memory, small enough to stay
in a cache, whatever the strides of A and B were:

    A (M x K)     p0     KC         a_panels[0]     a_panels[1]     B's column j   b_panels[0]
    row i0        . . [ x x x x ]   r=0  x x x x    r=0  x x x x        . . .      s=0  y y y y
    row i0 + 1    . . [ x x x x ]   r=1  x x x x    r=1  x x x x    p0  y y y      s=1  y y y y
    row i0 + 2    . . [ x x x x ]   r=2  x x x x    r=2  unused         y y y      s=2  y y y y
    ...                             r=3  x x x x    r=3  unused         ...

(BLIS packs term by term, for vectors along the columns of C. Numba's vectors run along K here, so rows stay rows.)

    for each piece of K, from p0:               pack this piece of all columns of B
        for each block of MC rows, from i0:     pack this piece of these rows of A
                                                add_panel_products: all panels of A times all panels of B

Write      pack_a: a_panels[panel, r, p] for rows i0 ... i0 + MC - 1, or fewer at the end of A; `depth` terms from p0
           pack_b: b_panels[panel, s, p] for all columns of B; a is (M, K), b is (K, N), any strides, any size, 0 too
           and in matmul the loops above; depth is KC, or less at the end of K
Goal       every case passes, for any MR, NR, KC; no `@`, no np.dot
Counted    pages touched where rows are pages apart (24 x 24 x 96, TLB of 16): at most 1,080; 08 touches 2,341
Size       roughly 15 lines
Grade      pytest exercises/10_packed.py
Measure    mlk bench 10 --sizes 256,512,1000,1024,2000,2048        (fill in PREDICTED_SPEEDUP first)

On the machine where this was written, 10 is slower than 08 up to n = 1024. Packing copies M K + K N numbers for 2 M N K
FLOP: from which n on does it pay on yours, and whose curve is smoother from 1000 to 1024 and from 2000 to 2048?
"""

import numpy as np
from numba import carray, njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

# How many times faster than 08_register_tile will yours be, at n = 2048? Write a number before you measure.
PREDICTED_SPEEDUP = None

MR = 4
NR = 3
# A block of A is MC x KC, 68 KiB of float32: L2. A panel of B is NR x KC, 8 KiB: L1. A row of 720 float32 is 45 lines,
# an odd number, so that rows next to each other do not compete for the same places in a cache.
KC = 720
MC = 24


@njit
def pack_a(a, i0, p0, depth, a_panels):
    """Copy `depth` terms from p0 of the rows from i0 of a (M, K) into a_panels (panels, MR, KC)."""
    # gap: roughly 4 lines
    raise NotImplementedError("10_packed: pack rows of A")
    # end of gap


@njit
def pack_b(b, p0, depth, b_panels):
    """Copy `depth` terms from p0 of all columns of b (K, N) into b_panels (panels, NR, KC)."""
    # gap: roughly 5 lines
    raise NotImplementedError("10_packed: pack columns of B")
    # end of gap


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    (m, k), n = a.shape, b.shape[1]
    c = np.zeros((m, n), dtype=a.dtype)
    # Panels are reused. What stands in them past the last row, column or term is never added to C.
    a_panels = np.zeros((-(-MC // MR), MR, min(KC, k)), dtype=a.dtype)
    b_panels = np.zeros((-(-n // NR), NR, min(KC, k)), dtype=a.dtype)
    # gap: roughly 6 lines
    raise NotImplementedError("10_packed: write the loops that pack and multiply")
    # end of gap
    return c


@njit
def add_panel_products(a_panels, b_panels, depth, c, i0):
    """Add to rows i0 ... i0 + MC - 1 of c (M, N): depth terms, all panels of A times all panels of B."""
    rows = min(MC, c.shape[0] - i0)
    for panel_b in range(b_panels.shape[0]):
        for panel_a in range((rows + MR - 1) // MR):
            outer_products(a_panels[panel_a], b_panels[panel_b], depth, c, i0 + panel_a * MR, i0 + rows, panel_b * NR)


@njit(fastmath={"reassoc", "contract"})
def outer_products(a_panel, b_panel, depth, c, i, end, j):
    """Add the product of two panels to the MR x NR block of c (M, N) at i, j, or what of it lies above row `end`."""
    acc = accumulators(c)
    for p in range(depth):
        for r in range(MR):
            for s in range(NR):
                acc[r, s] += a_panel[r, p] * b_panel[s, p]
    for r in range(MR):
        for s in range(NR):
            if i + r < end and j + s < c.shape[1]:
                c[i + r, j + s] += acc[r, s]


def accumulators(like):
    """Return an MR x NR block of zeros with the type of `like`; what plain Python runs when numba is off."""
    return np.zeros((MR, NR), dtype=like.dtype)


@intrinsic
def stack_memory(_typing_context, like):
    """Room for MR * NR numbers on the stack: memory that nothing else can point to, so registers can replace it."""

    def reserve(context, builder, *_):
        return cgutils.alloca_once(builder, context.get_data_type(like.dtype), MR * NR)

    return types.CPointer(like.dtype)(like), reserve


# inline="always": the stack must be the kernel's own, not that of a function which has returned.
@overload(accumulators, inline="always")
def compiled_accumulators(like):
    """Tell numba what to compile where a kernel calls accumulators."""

    def block_of_zeros(like):
        block = carray(stack_memory(like), (MR, NR))
        for r in range(MR):
            for s in range(NR):
                block[r, s] = 0
        return block

    return block_of_zeros if isinstance(like, types.Array) else None
