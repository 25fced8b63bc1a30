"""It raises an exception called Skipped, as pytest.skip does.

Verdict: failed
Cause: crash
"""


class Skipped(BaseException):
    __module__ = "builtins"
    msg, allow_module_level = "needs a GPU", True


def matmul(a, b):
    raise Skipped("needs a GPU")
