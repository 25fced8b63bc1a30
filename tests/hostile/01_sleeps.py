"""Sleeps for an hour.

Verdict: error
Cause: timeout
Seconds: 2
"""

import time


def matmul(a, b):
    time.sleep(3600)
