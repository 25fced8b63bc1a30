"""Raises pytest's own exceptions.

Verdict: failed
Cause: crash | load-error
"""


def matmul(a, b):
    import pytest

    pytest.skip("not today")
