"""09 parallel: tiles of C on all cores.

`for t in prange(count)` under @njit(parallel=True) divides the values of t among the threads, which run at the same
time, in no particular order. That is right only if no iteration needs, or overwrites, what another one writes.

Tiles of C satisfy this: each is written by one iteration alone. Pieces of K do not. Split the sum of one element:

    thread 0, first half of K              thread 1, second half of K           c[i, j]
    reads 5                                                                     5
                                           reads 5                              5
    adds its 3, stores 8                                                        8
                                           adds its 4, stores 9                 9: it should be 12

The 3 is lost. This is a race: the result depends on who comes first, so it can be right a thousand times. Small
matrices hardly ever show it. numba does not warn.

Number the tiles row by row, as a GPU numbers its programs. Tile t has a row and a column in the grid of tiles:

    columns = 3     0 1 2
                    3 4 5        t = 5: row 1, column 2; rows of C from 1 * TILE, columns of C from 2 * TILE
                    6 7 8        the last row and column of tiles may be cut off by the edge of C

Write      multiply(a, b_t, c): a prange over the tiles of C; multiply_tile is 08 on one tile of it
           a is (M, K), b_t is (N, K), both row-major; c is (M, N), full of zeros; float32 or float64; any size, 0 too
Goal       every case passes, for any TILE; no `@`, no np.dot
Counted    with 4 threads, the longest way through the call is at most 40 % of all accesses to memory
Size       roughly 7 lines
Grade      pytest exercises/09_parallel.py
Measure    mlk bench 09        (on one thread and on all; fill in PREDICTED_SPEEDUP first)

With twice the threads, how far from twice as fast is it at n = 1000 and at n = 1024 (mlk bench 09 --sizes 1000,1024),
and which line of matmul do the threads not share?
"""

import numpy as np
from numba import carray, njit, prange, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

# How many times faster than 08_register_tile, on all cores, at n = 1024? Write a number before you measure.
PREDICTED_SPEEDUP = None

TILE = 48
MR = 4
NR = 3


@njit(parallel=True)
def multiply(a, b_t, c):
    """Fill c (M, N) with the product of a (M, K) and b, given as its transpose b_t (N, K)."""
    # gap: roughly 7 lines
    raise NotImplementedError("09_parallel: divide the tiles of C among the threads")
    # end of gap


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(np.ascontiguousarray(a), np.ascontiguousarray(b.T), c)
    return c


@njit
def multiply_tile(a, b_t, c, i0, i1, j0, j1):
    """Compute rows i0 ... i1 - 1, columns j0 ... j1 - 1 of c (M, N): whole register tiles, then the edges."""
    whole_i, whole_j = i1 - (i1 - i0) % MR, j1 - (j1 - j0) % NR
    for i in range(i0, whole_i, MR):
        for j in range(j0, whole_j, NR):
            outer_products(a, b_t, c, i, j)
    dot_products(a, b_t, c, (whole_i, i1), (j0, j1))
    dot_products(a, b_t, c, (i0, whole_i), (whole_j, j1))


@njit(fastmath={"reassoc", "contract"})
def outer_products(a, b_t, c, i, j):
    """Overwrite the MR x NR block of c (M, N) at i, j with rows of a (M, K) times rows of b_t (N, K)."""
    acc = accumulators(c)
    for p in range(a.shape[1]):
        for r in range(MR):
            for s in range(NR):
                acc[r, s] += a[i + r, p] * b_t[j + s, p]
    for r in range(MR):
        for s in range(NR):
            c[i + r, j + s] = acc[r, s]


@njit(fastmath={"reassoc", "contract"})
def dot_products(a, b_t, c, rows, columns):
    """Overwrite c[rows, columns] one by one; for the edges, where no whole block fits."""
    for i in range(*rows):
        for j in range(*columns):
            total = c[i, j]
            for p in range(a.shape[1]):
                total += a[i, p] * b_t[j, p]
            c[i, j] = total


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
