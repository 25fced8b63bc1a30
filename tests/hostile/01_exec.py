"""It replaces itself by a program that ends with status 0.

Verdict: failed | error
Cause: policy | crash
"""

import os


def matmul(a, b):
    os.execv("/bin/true", ["true"])
