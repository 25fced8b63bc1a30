"""It lets the fault handler end the process after a while.

Verdict: error
Cause: crash
"""

import faulthandler
import time


def matmul(a, b):
    faulthandler.dump_traceback_later(0.2, exit=True, file=open("trace", "w"))
    time.sleep(3)
