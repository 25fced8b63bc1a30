"""A regular expression takes centuries and holds the interpreter's lock.

Verdict: error
Cause: timeout
"""

import re


def matmul(a, b):
    re.match(r"(a+)+$", "a" * 64 + "b")
    return (a[:, :, None] * b).sum(1)
