"""Calls sys.exit(0), which a careless grader reads as success.

Verdict: failed
Cause: crash
"""

import sys


def matmul(a, b):
    sys.exit(0)
