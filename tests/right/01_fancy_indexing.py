"""Rows and terms are visited through shuffled index arrays, and put back with take and argsort.

Passes: 01
"""

import numpy as np


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    (m, k), n = a.shape, b.shape[1]
    order = np.random.default_rng().permutation(m)
    terms = np.random.default_rng(5).permutation(k)
    shuffled, c = a[np.ix_(order, terms)], np.zeros((m, n), a.dtype)
    for at, p in enumerate(terms):
        c[np.arange(m)] += shuffled[:, [at]] * b[[p]]
    return np.take(c, np.argsort(order), axis=0)
