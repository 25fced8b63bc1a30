"""Prints without end.

Verdict: error
Cause: output-flood
"""


def matmul(a, b):
    while True:
        print("x" * 10_000)
