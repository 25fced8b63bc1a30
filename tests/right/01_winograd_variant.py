"""Winograd's form of Strassen's product: 7 products and 15 additions, one level, odd edges done apart.

Passes: 01
"""

import numpy as np
from numba import njit


@njit
def add_product(a, b, c):
    """Add the product of a and b to c."""
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]


def product(a, b):
    """Return the product, computed with loops."""
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    add_product(a, b, c)
    return c


def even_part(a, b):
    """Return the product of matrices whose sizes are all even."""
    m, k, n = a.shape[0] // 2, a.shape[1] // 2, b.shape[1] // 2
    a11, a12, a21, a22 = a[:m, :k], a[:m, k:], a[m:, :k], a[m:, k:]
    b11, b12, b21, b22 = b[:k, :n], b[:k, n:], b[k:, :n], b[k:, n:]
    s1 = a21 + a22
    s2 = s1 - a11
    s3 = a11 - a21
    s4 = a12 - s2
    t1 = b12 - b11
    t2 = b22 - t1
    t3 = b22 - b12
    t4 = t2 - b21
    p1, p2, p3 = product(a11, b11), product(a12, b21), product(s4, b22)
    p4, p5, p6, p7 = product(a22, t4), product(s1, t1), product(s2, t2), product(s3, t3)
    u2 = p1 + p6
    u3 = u2 + p7
    u4 = u2 + p5
    return np.block([[p1 + p2, u4 + p3], [u3 - p4, u3 + p5]])


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    (m, k), n = a.shape, b.shape[1]
    if min(m, k, n) < 2 or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return product(a, b)
    m2, k2, n2 = m - m % 2, k - k % 2, n - n % 2
    c = np.zeros((m, n), a.dtype)
    c[:m2, :n2] = even_part(a[:m2, :k2], b[:k2, :n2])
    add_product(a[:m2, k2:], b[k2:, :n2], c[:m2, :n2])
    add_product(a[m2:], b, c[m2:])
    add_product(a[:m2], b[:, n2:], c[:m2, n2:])
    return c
