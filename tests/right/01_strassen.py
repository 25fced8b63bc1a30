"""Strassen's seven products on padded squares, two levels deep; loops where NaN or infinity would spread.

Passes: 01
"""

import numpy as np
from numba import njit

LEVELS = 2


@njit
def loops(a, b, c):
    """Fill c with the product of a and b by the definition."""
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]


def by_definition(a, b):
    """Return the product, computed with loops."""
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    loops(a, b, c)
    return c


def strassen(a, b, levels):
    """Return the product of two squares whose size is a multiple of 2 ** levels."""
    if levels == 0:
        return by_definition(a, b)
    h = len(a) // 2
    a11, a12, a21, a22 = a[:h, :h], a[:h, h:], a[h:, :h], a[h:, h:]
    b11, b12, b21, b22 = b[:h, :h], b[:h, h:], b[h:, :h], b[h:, h:]
    m1 = strassen(a11 + a22, b11 + b22, levels - 1)
    m2 = strassen(a21 + a22, b11, levels - 1)
    m3 = strassen(a11, b12 - b22, levels - 1)
    m4 = strassen(a22, b21 - b11, levels - 1)
    m5 = strassen(a11 + a12, b22, levels - 1)
    m6 = strassen(a21 - a11, b11 + b12, levels - 1)
    m7 = strassen(a12 - a22, b21 + b22, levels - 1)
    return np.block([[m1 + m4 - m5 + m7, m3 + m5], [m2 + m4, m1 - m2 + m3 + m6]])


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    (m, k), n = a.shape, b.shape[1]
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return by_definition(a, b)
    step = 2**LEVELS
    size = -(-max(m, k, n, 1) // step) * step
    x, y = np.zeros((size, size), a.dtype), np.zeros((size, size), b.dtype)
    x[:m, :k] = a
    y[:k, :n] = b
    return strassen(x, y, LEVELS)[:m, :n]
