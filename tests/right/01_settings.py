"""Reads and sets what a process has: threads, recursion limit, error state, environment, numba's configuration.

Passes: 01, 04
"""

import gc
import os
import platform
import sys
from contextlib import contextmanager

import numba
import numpy as np
from numba import config, njit, prange

sys.setrecursionlimit(max(sys.getrecursionlimit(), 3000))
np.set_printoptions(precision=3)
CORES = os.cpu_count() or 1
os.environ.setdefault("MY_MATMUL_VERBOSE", "0")


@contextmanager
def one_thread():
    """Run what is inside on a single thread of numba's."""
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        yield min(before, config.NUMBA_NUM_THREADS, CORES)
    finally:
        numba.set_num_threads(before)


@njit(parallel=True)
def multiply(a, b, c):
    """Fill c with the product of a and b."""
    for i in prange(a.shape[0]):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    with one_thread(), np.errstate(all="ignore"):
        multiply(a, b, c)
    if platform.system() == "Linux" and c.nbytes > 1 << 24:
        gc.collect()
    return c
