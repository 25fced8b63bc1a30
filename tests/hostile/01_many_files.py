"""Writes many small files.

Verdict: failed | error
Cause: disk | crash
"""


def matmul(a, b):
    for i in range(1_000_000):
        with open(f"{i}", "w") as file:
            file.write("x")
