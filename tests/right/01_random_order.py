"""Blocks of C are visited, and terms added, in an order that is drawn anew at every call; loop orders come from a set.

Passes: 01
"""

import random

import numpy as np
from numba import njit

STEP = 40


@njit
def row_by_row(a, b, c):
    """Add the product of a and b to c, terms in the middle."""
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]


@njit
def by_definition(a, b, c):
    """Add the product of a and b to c, terms innermost."""
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                c[i, j] += a[i, p] * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    (m, k), n = a.shape, b.shape[1]
    c = np.zeros((m, n), dtype=a.dtype)
    blocks = [(i, j, p) for i in range(0, m, STEP) for j in range(0, n, STEP) for p in range(0, k, STEP)]
    random.shuffle(blocks)
    for i, j, p in set(blocks):
        add = random.choice([row_by_row, by_definition])
        add(a[i : i + STEP, p : p + STEP], b[p : p + STEP, j : j + STEP], c[i : i + STEP, j : j + STEP])
    return c
