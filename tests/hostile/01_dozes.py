"""It sleeps for ever, but works now and then, so that it never looks idle.

Verdict: error
Cause: timeout
"""

import time


def matmul(a, b):
    while True:
        end = time.process_time() + 0.003
        while time.process_time() < end:
            pass
        time.sleep(0.1)
