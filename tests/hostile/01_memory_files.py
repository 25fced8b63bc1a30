"""It fills files in memory that are mapped nowhere (2 GB at most).

Verdict: failed | error
Cause: crash | policy | disk
"""

import os
import time


def matmul(a, b):
    kept = []
    while len(kept) < 100:
        kept.append(os.memfd_create("hidden"))
        os.write(kept[-1], b"x" * (20 << 20))
    time.sleep(1)
    raise MemoryError("nobody noticed 2 GB")
