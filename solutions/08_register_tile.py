"""08 register tile: load a number once, use it MR or NR times.

07's inner step loads a number of A and one of B for a single multiplication and addition: 1 FLOP per load. Take MR rows
of A and NR columns of B together. MR + NR loads then feed MR x NR sums: the outer product of a short column of A and
a short row of B, added to a block of C that stays in registers while p runs through all of K.

                        b_t[j, p]  b_t[j+1, p]  b_t[j+2, p]        per step p, MR = 4, NR = 3:
        a[i, p]           acc          acc          acc              7 loads
        a[i+1, p]         acc          acc          acc             12 multiplications and additions = 24 FLOP
        a[i+2, p]         acc          acc          acc              0 stores
        a[i+3, p]         acc          acc          acc

In general (MR + NR) / (2 MR NR) loads per FLOP. That is the micro-kernel of every fast CPU library (Van Zee and van
de Geijn, BLIS, ACM TOMS 41(3), 2015, https://doi.org/10.1145/2764454). What limits it is the number of registers: 16
vectors with AVX2. The compiler works through `acc` row by row and needs about MR * NR sums + NR of B + 1 of A.

`acc` must be in registers for that. numba keeps np.zeros on the heap, where every += is a load and a store;
accumulators(c), at the end of this file, puts it where the compiler can take it apart into registers, provided that
all loops over it have constant bounds: range(MR), range(NR).

There is no cache tile in this rung: one thing at a time.

Write      outer_products(a, b_t, c, i, j): compute the block of c with rows i ... i + MR - 1, columns j ... j + NR - 1;
           and in multiply the loops over all blocks that lie inside c whole; what remains at the edges is done for you
           a is (M, K), b_t is (N, K), both row-major; c is (M, N), full of zeros; float32 or float64; any size, 0 too
Goal       every case passes, for any MR and NR; no `@`, no np.dot
Counted    in compiled code: at most 0.5 loads and stores per FLOP, and no sums that go to the stack
Size       roughly 10 lines
Grade      pytest exercises/08_register_tile.py
Measure    mlk bench 08        (fill in PREDICTED_SPEEDUP first)

Loads per FLOP fall from 1 to 7/24. Is the gain over 07 as large at n = 2048 as at n = 1024, and how large is it with
MR, NR = 3, 4, which are 12 sums as well?
"""

import numpy as np
from numba import carray, njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

# How many times faster than 07_vectorized will yours be, at n = 1024? Write a number before you measure.
PREDICTED_SPEEDUP = None

MR = 4
NR = 3


@njit(fastmath={"reassoc", "contract"})
def outer_products(a, b_t, c, i, j):
    """Overwrite the MR x NR block of c (M, N) at i, j with rows of a (M, K) times rows of b_t (N, K)."""
    acc = accumulators(c)
    # gap: roughly 7 lines
    for p in range(a.shape[1]):
        for r in range(MR):
            for s in range(NR):
                # The compiler unrolls r and s, sees 7 different loads here, and vectorizes p: 12 sums, 12 vectors.
                acc[r, s] += a[i + r, p] * b_t[j + s, p]
    # Only now is c touched, once for K terms.
    for r in range(MR):
        for s in range(NR):
            c[i + r, j + s] = acc[r, s]
    # end of gap


@njit
def multiply(a, b_t, c):
    """Fill c (M, N), which arrives full of zeros: whole blocks, then the rows below and the columns beside them."""
    m, n = c.shape
    whole_m, whole_n = m - m % MR, n - n % NR
    # gap: roughly 3 lines
    for i in range(0, whole_m, MR):
        for j in range(0, whole_n, NR):
            outer_products(a, b_t, c, i, j)
    # end of gap
    dot_products(a, b_t, c, (whole_m, m), (0, n))
    dot_products(a, b_t, c, (0, whole_m), (whole_n, n))


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(np.ascontiguousarray(a), np.ascontiguousarray(b.T), c)
    return c


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
