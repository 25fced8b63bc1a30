"""One element is off by the smallest step there is.

Verdict: failed
Cause: wrong-result | precision
"""

import numpy as np


def matmul(a, b):
    c = (a[:, :, None] * b).sum(1)
    if c.size > 1000:
        c[-1, -1] = np.nextafter(c[-1, -1], a.dtype.type(np.inf))
    return c
