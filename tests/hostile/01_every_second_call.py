"""It answers every second call with the answer before.

Verdict: failed
Cause: wrong-result | contract | nonfinite
"""

calls, last = 0, None


def matmul(a, b):
    global calls, last
    calls += 1
    if calls % 2 == 0:
        return last.copy()
    last = (a[:, :, None] * b).sum(1)
    return last
