"""Waits for a lock that it holds.

Verdict: error
Cause: timeout
Seconds: 2
"""

import threading


def matmul(a, b):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
