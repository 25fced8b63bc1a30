"""It defines a method called dot, so that the array's own seems to be that one.

Verdict: failed
Cause: policy
"""


class Vector:
    def dot(self, other):
        return sum(x * y for x, y in zip(self, other, strict=True))


def matmul(a, b):
    return a.dot(b)
