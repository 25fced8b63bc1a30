"""Returns A and hopes for an identity.

Verdict: failed
Cause: aliasing | contract
"""

import numpy as np


def matmul(a, b):
    return a
