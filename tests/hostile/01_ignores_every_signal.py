"""It blocks and ignores every signal, stops the alarm, and never returns.

Verdict: error
Cause: timeout
"""

import signal


def matmul(a, b):
    signal.alarm(0)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while True:
        pass
