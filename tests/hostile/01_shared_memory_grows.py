"""Memory that no limit of the system counts.

Verdict: error
Cause: memory
"""

import mmap
import time


def matmul(a, b):
    kept = []
    for _ in range(60):
        kept.append(mmap.mmap(-1, 64 << 20))
        kept[-1].write(bytes([1]) * (64 << 20))
        time.sleep(0.05)
    return a
