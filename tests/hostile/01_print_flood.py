"""It prints for ever.

Verdict: error
Cause: output-flood
"""


def matmul(a, b):
    while True:
        print("x" * 100_000)
