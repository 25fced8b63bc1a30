"""It says that numba is compiling, which has time of its own, and loops.

Verdict: error
Cause: timeout
"""

from numba.core import event


def matmul(a, b):
    event.start_event("numba:compile")
    while True:
        pass
