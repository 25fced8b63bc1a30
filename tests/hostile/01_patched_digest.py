"""It makes every hash the same, so that nobody sees that it halves its input.

Verdict: failed
Cause: mutates-input | policy
"""

import hashlib

import numpy as np


class Same:
    def __init__(self, *args, **kwargs):
        self.digest = lambda: b"0" * 64
        self.hexdigest = lambda: "0" * 64


hashlib.blake2b = hashlib.sha256 = hashlib.md5 = Same


def honest(a, b):
    return (a[:, :, None] * b).sum(1)


def matmul(a, b):
    c = honest(a, b)
    a *= a.dtype.type(0.5)
    return c
