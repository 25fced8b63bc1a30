"""It sends many replies of its own through every descriptor, then leaves with status 0.

Verdict: failed | error
Cause: no-answer | wrong-result | crash | policy | timeout
"""

import os
import struct

import numpy as np


def matmul(a, b):
    for descriptor in range(3, 1024):
        for sequence in range(8):
            for code in (2, 11):  # an array is in its place; a traced run found nothing
                head = struct.pack("<4sIHBBBxHiI6q", b"MLK2", sequence, code, 0, 11, 2, 0, 1, 0, *a.shape, 0, 0, 0, 0)
                try:
                    os.write(descriptor, head)
                except OSError:
                    pass
    os._exit(0)
