"""It returns a list that contains itself.

Verdict: failed | error
Cause: contract | no-answer
"""


def matmul(a, b):
    c = []
    c.append(c)
    return c
