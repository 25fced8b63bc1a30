"""Every forbidden word occurs, as a comment, a string, a variable or a function of the file: np.dot(a, b), a @ b.

np.matmul, np.einsum("ik,kj->ij", a, b), torch.mm, scipy.linalg.blas.dgemm and a @= b are not called anywhere.

Passes: 01
"""

import numpy as np
from numba import njit

RULES = ["a @ b", "np.dot(a, b)", "np.matmul", "@", 'exec("a @ b")', "import ctypes", "from scipy import linalg"]
einsum = "ik,kj->ij"  # what np.einsum would be told; a @ b is the same


@njit
def dot(x, y, start):
    """Return start + x[0] * y[0] + x[1] * y[1] + ...; np.dot(x, y) is not what is called."""
    inner = start
    for outer in range(x.shape[0]):
        inner += x[outer] * y[outer]
    return inner


@njit
def mm(a, b, out):
    """Fill out with what a @ b would be."""
    for row in range(a.shape[0]):
        for column in range(b.shape[1]):
            out[row, column] = dot(a[row], b[:, column], out[row, column])


def matmul(a, b):
    """Return a @ b, without the `@`: "matmul" is the name that the exercise wants."""
    linear = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    mm(a, b, linear)
    tensordot, kron = linear, f"{RULES[0]} {einsum!r}"
    assert "@" in kron
    return tensordot
