"""A block of 6 x 4 sums: 24 vectors, and a few too many.

Caught by: register_code
Cause: technique
Diagnosis: there are 16 vector registers
"""

import numpy as np
from numba import carray, njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

MR = 6
NR = 4


@njit(fastmath={"reassoc", "contract"})
def outer_products(a, b_t, c, i, j):
    """Overwrite the MR x NR block of c (M, N) at i, j with rows of a (M, K) times rows of b_t (N, K)."""
    acc = accumulators(c)
    for p in range(a.shape[1]):
        for r in range(MR):
            for s in range(NR):
                # The compiler unrolls r and s, sees 7 different loads here, and vectorizes p: 12 sums, 12 vectors.
                acc[r, s] += a[i + r, p] * b_t[j + s, p]
    # Only now is c touched, once for K terms.
    for r in range(MR):
        for s in range(NR):
            c[i + r, j + s] = acc[r, s]


@njit
def multiply(a, b_t, c):
    """Fill c (M, N), which arrives full of zeros: whole blocks, then the rows below and the columns beside them."""
    m, n = c.shape
    whole_m, whole_n = m - m % MR, n - n % NR
    for i in range(0, whole_m, MR):
        for j in range(0, whole_n, NR):
            outer_products(a, b_t, c, i, j)
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
