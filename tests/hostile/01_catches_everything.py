"""Catches every exception and goes on for ever.

Verdict: error
Cause: timeout
Seconds: 2
"""


def matmul(a, b):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
