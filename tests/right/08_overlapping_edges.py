"""No code for the edges: the last block is moved back until it fits, so some elements are computed twice.

Passes: 01, 08
"""

import numpy as np
from numba import carray, njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

MR = 4
NR = 3


@njit(fastmath={"reassoc", "contract"})
def outer_products(a, b_t, c, i, j):
    """Overwrite the MR x NR block of c at i, j."""
    acc = accumulators(c)
    for p in range(a.shape[1]):
        for r in range(MR):
            for s in range(NR):
                acc[r, s] += a[i + r, p] * b_t[j + s, p]
    for r in range(MR):
        for s in range(NR):
            c[i + r, j + s] = acc[r, s]


@njit
def multiply(a, b_t, c):
    """Fill c (M, N), of which no side may be shorter than a block."""
    m, n = c.shape
    for i in range(0, m, MR):
        for j in range(0, n, NR):
            outer_products(a, b_t, c, min(i, m - MR), min(j, n - NR))


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    m, n = a.shape[0], b.shape[1]
    x = np.zeros((max(m, MR), a.shape[1]), a.dtype)
    y = np.zeros((max(n, NR), b.shape[0]), b.dtype)
    x[:m], y[:n] = a, b.T
    c = np.zeros((len(x), len(y)), a.dtype)
    multiply(x, y, c)
    return c[:m, :n]


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
