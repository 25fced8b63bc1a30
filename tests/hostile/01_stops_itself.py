"""Stops its own process.

Verdict: error
Cause: timeout
Seconds: 2
"""

import os
import signal


def matmul(a, b):
    os.kill(os.getpid(), signal.SIGSTOP)
