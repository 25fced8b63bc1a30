"""All products of a few rows at once, as a block of three dimensions that stays below 8 MiB, then one sum.

Passes: 01
"""

import numpy as np

CHUNK_BYTES = 8 << 20


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    rows = max(1, CHUNK_BYTES // max(1, b.nbytes))
    blocks = [(a[i : i + rows, :, None] * b).sum(1, dtype=a.dtype) for i in range(0, len(a), rows)]
    return np.concatenate([*blocks, np.empty((0, b.shape[1]), a.dtype)])
