"""Writes one file without end.

Verdict: failed
Cause: disk
"""


def matmul(a, b):
    with open("large", "wb") as file:
        for _ in range(2048):
            file.write(bytes(1 << 20))
            file.flush()
