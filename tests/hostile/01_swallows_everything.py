"""It catches every exception, whoever raises it, and starts again.

Verdict: error
Cause: timeout
"""


def matmul(a, b):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
