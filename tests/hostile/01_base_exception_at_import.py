"""It raises what `except Exception` does not catch, at import.

Verdict: failed
Cause: load-error | crash
"""


class Quiet(BaseException):
    pass


raise Quiet
