"""It writes the product over A and returns A.

Verdict: failed
Cause: aliasing | mutates-input
"""


def matmul(a, b):
    if a.shape[1] == b.shape[1]:
        a[...] = (a[:, :, None] * b).sum(1)
        return a
    return (a[:, :, None] * b).sum(1)
