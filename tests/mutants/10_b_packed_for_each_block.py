"""B is packed inside of the loop over blocks of rows, anew for each of them.

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


@njit
def pack_a(a, i0, p0, depth, a_panels):
    """Copy `depth` terms from p0 of the rows from i0 of a (M, K) into a_panels (panels, MR, KC)."""
    for i in range(min(MC, a.shape[0] - i0)):
        row = a_panels[i // MR, i % MR]
        for p in range(depth):
            row[p] = a[i0 + i, p0 + p]


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
    # Panels are reused. What stands in them past the last row, column or term is never added to C.
    a_panels = np.zeros((-(-MC // MR), MR, min(KC, k)), dtype=a.dtype)
    b_panels = np.zeros((-(-n // NR), NR, min(KC, k)), dtype=a.dtype)
    for p0 in range(0, k, KC):
        depth = min(KC, k - p0)
        for i0 in range(0, m, MC):
            pack_b(b, p0, depth, b_panels)
            pack_a(a, i0, p0, depth, a_panels)
            add_panel_products(a_panels, b_panels, depth, c, i0)
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
