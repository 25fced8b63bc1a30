"""Returns an integer of a million digits.

Verdict: failed
Cause: contract
"""

import numpy as np


def matmul(a, b):
    return 10**100_000
