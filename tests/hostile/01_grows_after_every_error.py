"""It catches MemoryError and asks again, in smaller pieces, for ever.

Verdict: failed | error
Cause: memory | timeout | crash | no-answer
"""

import numpy as np

kept = []


def matmul(a, b):
    size = 1 << 26
    while len(kept) < 100_000:
        try:
            kept.append(np.ones(size, np.uint8))
        except MemoryError:
            size = max(size // 2, 1 << 12)
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
