"""A plain loop that never ends.

Verdict: error
Cause: timeout
Seconds: 2
"""

import numpy as np


def matmul(a, b):
    while True:
        pass
