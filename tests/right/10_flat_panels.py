"""Panels are pieces of two flat buffers, packed term by term, whose unused places hold NaN that is never stored.

Passes: 01, 10
"""

import numpy as np
from numba import njit

MR = 4
NR = 3
KC = 720


@njit
def pack(x, first, count, width, p0, depth, out):
    """Copy lines first ... of x (lines, K) into panels of `width` lines, term by term."""
    at = 0
    for line0 in range(first, first + count, width):
        for p in range(p0, p0 + depth):
            for w in range(width):
                if line0 + w < x.shape[0]:
                    out[at] = x[line0 + w, p]
                at += 1


@njit(fastmath={"reassoc", "contract"})
def add_block(a_panel, b_panel, depth, acc, c):
    """Add the product of two panels to as much of the block as c has."""
    acc[:] = 0
    for p in range(depth):
        for r in range(MR):
            for s in range(NR):
                acc[r, s] += a_panel[p * MR + r] * b_panel[p * NR + s]
    for r in range(c.shape[0]):
        for s in range(c.shape[1]):
            c[r, s] += acc[r, s]


@njit
def multiply(a, b, c):
    """Fill c, one piece of K after another."""
    m, k = a.shape
    n = b.shape[1]
    b_lines = b.T
    deepest = min(KC, k)
    a_panel = np.full(MR * deepest, np.nan, a.dtype)
    b_panels = np.full((n + NR - 1) // NR * NR * deepest, np.nan, a.dtype)
    acc = np.empty((MR, NR), a.dtype)
    for p0 in range(0, k, KC):
        depth = min(KC, k - p0)
        pack(b_lines, 0, n, NR, p0, depth, b_panels)
        for i in range(0, m, MR):
            pack(a, i, MR, MR, p0, depth, a_panel)
            for j in range(0, n, NR):
                add_block(a_panel, b_panels[j * depth :], depth, acc, c[i : i + MR, j : j + NR])


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
