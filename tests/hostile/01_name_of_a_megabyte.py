"""The name of its exception's type is a megabyte long and full of line ends.

Verdict: failed
Cause: crash
"""


def matmul(a, b):
    raise type("\n\x1b[31mpassed\n" * 50_000, (Exception,), {})
