"""B alone is packed: rows of A are read where they are, MR at a time, which are few pages.

Passes: 01, 10
"""

import numpy as np
from numba import carray, njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

MR = 4
NR = 3
KC = 720


@njit
def pack_b(b, p0, depth, b_panels):
    """Copy `depth` terms from p0 of all columns of b (K, N) into b_panels (panels, NR, KC)."""
    for panel in range(b_panels.shape[0]):
        j0 = panel * NR
        for p in range(depth):
            # NR neighbours in a row of B: one line serves them all. A walk down one column would use 4 of its 64 bytes.
            for s in range(min(NR, b.shape[1] - j0)):
                b_panels[panel, s, p] = b[p0 + p, j0 + s]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    (m, k), n = a.shape, b.shape[1]
    c = np.zeros((m, n), dtype=a.dtype)
    b_panels = np.zeros((-(-n // NR), NR, min(KC, k)), dtype=a.dtype)
    for p0 in range(0, k, KC):
        depth = min(KC, k - p0)
        pack_b(b, p0, depth, b_panels)
        add_panel_products(a, b_panels, p0, depth, c)
    return c


@njit
def add_panel_products(a, b_panels, p0, depth, c):
    """Add to c (M, N): depth terms from p0, all rows of a (M, K) times all panels of B."""
    whole = c.shape[0] - c.shape[0] % MR
    for i in range(0, whole, MR):
        for panel in range(b_panels.shape[0]):
            outer_products(a[i : i + MR, p0 : p0 + depth], b_panels[panel], c, i, panel * NR)
    for i in range(whole, c.shape[0]):
        for panel in range(b_panels.shape[0]):
            for s in range(min(NR, c.shape[1] - panel * NR)):
                for p in range(depth):
                    c[i, panel * NR + s] += a[i, p0 + p] * b_panels[panel, s, p]


@njit(fastmath={"reassoc", "contract"})
def outer_products(rows, b_panel, c, i, j):
    """Add the product of MR rows of A and a panel to the MR x NR block of c (M, N) at i, j."""
    acc = accumulators(c)
    for p in range(rows.shape[1]):
        for r in range(MR):
            for s in range(NR):
                acc[r, s] += rows[r, p] * b_panel[s, p]
    for r in range(MR):
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
