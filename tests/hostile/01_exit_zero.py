"""It ends the process with status 0 when it is asked for an answer.

Verdict: error
Cause: crash
"""

import os


def matmul(a, b):
    os._exit(0)
