"""It raises GeneratorExit, which generators and context managers take for their own.

Verdict: failed
Cause: crash
"""


def matmul(a, b):
    raise GeneratorExit
