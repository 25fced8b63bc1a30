"""A decorator that times, logs, warns and prints; the product does not change.

Passes: 01
"""

import functools
import logging
import sys
import time
import warnings

import numpy as np

log = logging.getLogger(__name__)
logging.basicConfig(level=logging.DEBUG)
logging.getLogger("numba").setLevel(logging.WARNING)


def told(function):
    """Tell about every call of a function."""

    @functools.wraps(function)
    def wrapper(*args, **options):
        start = time.perf_counter()
        result = function(*args, **options)
        seconds = time.perf_counter() - start
        print(f"{function.__name__}: {result.shape} in {seconds:.6f} s")
        print("still here", file=sys.stderr, flush=True)
        log.info("shape %s", result.shape)
        warnings.warn("this warning is meant to be seen", RuntimeWarning, stacklevel=2)
        return result

    return wrapper


@told
def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    for p in range(a.shape[1]):
        c += a[:, p : p + 1] * b[p]
    return c


print("loaded")
