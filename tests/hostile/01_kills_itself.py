"""It sends itself SIGKILL.

Verdict: failed | error
Cause: crash | no-answer | policy | memory
"""

import os
import signal


def matmul(a, b):
    os.kill(os.getpid(), signal.SIGKILL)
