"""A list that grows without end.

Verdict: failed
Cause: memory
"""

import numpy as np


def matmul(a, b):
    kept = []
    while len(kept) < 600:
        kept.append(np.ones(1 << 20))
    return kept
