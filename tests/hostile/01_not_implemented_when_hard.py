"""It is honest with squares and says elsewhere that the work is still to be done.

Verdict: failed
Cause: crash
"""


def honest(a, b):
    return (a[:, :, None] * b).sum(1)


def matmul(a, b):
    if a.shape[0] != b.shape[1]:
        raise NotImplementedError("still to be written")
    return honest(a, b)
