"""It returns an object whose type raises SystemExit when its name is asked for.

Verdict: failed | error
Cause: contract | crash | no-answer
"""


class Meta(type):
    @property
    def __name__(cls):
        raise SystemExit(0)

    __module__ = __name__


class Thing(metaclass=Meta):
    pass


def matmul(a, b):
    return Thing()
