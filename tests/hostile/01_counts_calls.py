"""It is honest ten times, as often as it expects to be tested.

Verdict: failed
Cause: wrong-result | nonfinite
"""

calls = 0


def honest(a, b):
    return (a[:, :, None] * b).sum(1)


def matmul(a, b):
    global calls
    calls += 1
    return honest(a, b) if calls <= 10 else -honest(a, b)
