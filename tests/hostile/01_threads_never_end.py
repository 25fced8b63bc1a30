"""Starts threads that compute for ever, and waits for them.

Verdict: error
Cause: timeout
Seconds: 2
"""

import threading


def spin():
    while True:
        pass


def matmul(a, b):
    threads = [threading.Thread(target=spin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
