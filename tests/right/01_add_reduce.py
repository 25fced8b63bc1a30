"""np.add.reduce over a generator-made stack of rows; np.stack puts the result together.

Passes: 01
"""

import numpy as np


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    rows = [np.add.reduce(row.reshape(-1, 1) * b, axis=0, dtype=a.dtype) for row in a]
    return np.stack(rows) if rows else np.zeros((0, b.shape[1]), a.dtype)
