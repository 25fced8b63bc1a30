"""functools.singledispatch chooses the function, which has any number of arguments and is put into globals() by name.

Passes: 01
"""

import functools

import numpy as np


@functools.singledispatch
def chosen(*operands, **_):
    """Refuse what is no array."""
    raise TypeError(f"cannot multiply {type(operands[0]).__name__}")


@chosen.register
def _(*operands: np.ndarray, start=0.0):
    a, b = operands
    c = np.full((a.shape[0], b.shape[1]), start, a.dtype)
    for p in range(a.shape[1]):
        c += a[:, p : p + 1] * b[p]
    return c


globals()["mat" + "mul"] = lambda *operands: chosen.dispatch(type(operands[0]))(*operands)
