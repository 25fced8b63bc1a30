"""It allocates for ever while it is imported (6 GB at most).

Verdict: failed | error
Cause: memory
"""

import numpy as np

kept = [np.ones(1 << 22) for _ in range(192)]


def matmul(a, b):
    return kept
