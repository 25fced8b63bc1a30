"""Its exception says a megabyte, with codes that clear a terminal and HTML.

Verdict: failed
Cause: crash
"""


def matmul(a, b):
    raise ValueError("\x1b[2J\x1b]0;owned\x07<script>alert(1)</script>\u202e=cmd()" + "x" * (1 << 20))
