"""Ignores every signal, then never returns.

Verdict: error
Cause: timeout
Seconds: 2
"""

import signal


def matmul(a, b):
    for number in range(1, 32):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        pass
