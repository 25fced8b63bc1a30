"""It waits for threads that never end.

Verdict: error
Cause: timeout
"""

import threading


def spin():
    while True:
        pass


def matmul(a, b):
    threads = [threading.Thread(target=spin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
