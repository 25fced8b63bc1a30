"""It writes noise to standard error for ever, past Python's streams.

Verdict: error
Cause: output-flood
"""

import os


def matmul(a, b):
    noise = b"\x1b[31m\x00\xff" * 10_000
    while True:
        os.write(2, noise)
