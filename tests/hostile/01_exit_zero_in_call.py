"""Leaves with status 0 when it is called.

Verdict: error
Cause: crash
"""

import os


def matmul(a, b):
    os._exit(0)
