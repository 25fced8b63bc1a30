"""`matmul` is a lambda, and the sum a functools.reduce.

Passes: 01
"""

from functools import reduce

import numpy as np

matmul = lambda a, b: reduce(  # noqa: E731
    lambda c, p: np.add(c, a[:, p][:, None] * b[p], out=c),
    range(a.shape[1]),
    np.zeros((len(a), b.shape[1]), a.dtype),
)
