"""It returns a string that is no Unicode text.

Verdict: failed | error
Cause: contract | no-answer
"""


def matmul(a, b):
    return "\ud800" * 100
