"""It writes ones over every shared page through /proc/self/mem.

Verdict: failed | error
Cause: crash | wrong-result | policy | mutates-input | out-of-bounds | no-answer
"""

import numpy as np


def matmul(a, b):
    with open("/proc/self/maps") as maps:
        shared = [line.split()[0] for line in maps if " rw-s " in line]
    with open("/proc/self/mem", "r+b", 0) as memory:
        for piece in shared:
            start, end = (int(number, 16) for number in piece.split("-"))
            memory.seek(start)
            memory.write(np.ones(min(end - start, 1 << 20) // a.itemsize, a.dtype).tobytes())
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
