"""Nothing is packed: the pieces of A and B are views, whose rows lie as far apart as before.

Caught by: pages
Cause: technique
Diagnosis: are allowed
"""

import numpy as np
from numba import carray, njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

MR = 4
NR = 3
# A block of A is MC x KC, 68 KiB of float32: L2. A panel of B is NR x KC, 8 KiB: L1. A row of 720 float32 is 45 lines,
# an odd number, so that rows next to each other do not compete for the same places in a cache.
KC = 720
MC = 24


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    (m, k), n = a.shape, b.shape[1]
    c = np.zeros((m, n), dtype=a.dtype)
    for p0 in range(0, k, KC):
        depth = min(KC, k - p0)
        for i0 in range(0, m, MC):
            add_products(a[:, p0 : p0 + depth], b[p0 : p0 + depth], c, i0)
    return c


@njit
def add_products(a, b, c, i0):
    """Add to rows i0 ... i0 + MC - 1 of c (M, N) those of a (M, KC) times b (KC, N), block by block."""
    end = min(i0 + MC, c.shape[0])
    for j in range(0, c.shape[1], NR):
        for i in range(i0, end, MR):
            outer_products(a, b, c, i, end, j)


@njit(fastmath={"reassoc", "contract"})
def outer_products(a, b, c, i, end, j):
    """Add the product of a and b to the MR x NR block of c (M, N) at i, j, or what of it lies inside."""
    acc = accumulators(c)
    for p in range(a.shape[1]):
        for r in range(min(MR, end - i)):
            for s in range(min(NR, c.shape[1] - j)):
                acc[r, s] += a[i + r, p] * b[p, j + s]
    for r in range(min(MR, end - i)):
        for s in range(min(NR, c.shape[1] - j)):
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
