"""C is cut into an upper and a lower half, for two threads at most.

Caught by: shared_work
Cause: technique
Diagnosis: are allowed
"""

import numpy as np
from numba import carray, njit, prange, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

TILE = 48
MR = 4
NR = 3


@njit(parallel=True)
def multiply(a, b_t, c):
    """Fill c (M, N) with the product of a (M, K) and b, given as its transpose b_t (N, K)."""
    m, n = c.shape
    middle = m // 2
    for half in prange(2):
        first = half * middle
        last = m if half == 1 else middle
        for i0 in range(first, last, TILE):
            for j0 in range(0, n, TILE):
                multiply_tile(a, b_t, c, i0, min(i0 + TILE, last), j0, min(j0 + TILE, n))


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
