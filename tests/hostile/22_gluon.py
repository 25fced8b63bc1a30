"""It writes its kernel in Gluon, which has another compiler.

Verdict: failed | error
Cause: crash | load-error | policy | wrong-result | out-of-bounds | no-answer
"""

import torch
from triton.experimental import gluon
from triton.experimental.gluon import language as gl


@gluon.jit
def kernel(a, b, c):
    layout: gl.constexpr = gl.BlockedLayout([1], [32], [4], [0])
    gl.store(c + gl.arange(0, 128, layout=layout), gl.load(a + gl.arange(0, 128, layout=layout)))


def matmul(a, b):
    c = torch.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    kernel[(1,)](a, b, c)
    return c
