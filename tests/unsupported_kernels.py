"""Kernels for test_unsupported.py: each uses what Triton's interpreter lacks; prints as JSON what they raise.

A script of its own, since TRITON_INTERPRET must be set before triton is imported, which pytest's process must not do.
"""

import json

import torch
import triton
import triton.language as tl
from triton.experimental import gluon
from triton.experimental.gluon import language as gl
from triton.language.extra import libdevice

from mlsys_kernels.tracing import bfloat16, interpreter, sanitizer


@triton.jit
def scaled(x, y, scale):
    at = tl.arange(0, 32)[:, None] * 32 + tl.arange(0, 32)[None, :]
    scales = tl.load(scale + tl.arange(0, 32)[:, None])
    tl.store(y + at, tl.dot_scaled(tl.load(x + at), scales, "e4m3", tl.load(x + at), scales, "e4m3"))


@triton.jit
def library(x, y):
    at = tl.arange(0, 32)
    tl.store(y + at, libdevice.exp(tl.load(x + at)))


@triton.jit
def timer(y):
    tl.store(y, tl.extra.cuda.globaltimer())


@triton.jit
def reduced_by_descriptor(y):
    block = tl.make_tensor_descriptor(y, [32, 32], [32, 1], [16, 16])
    block.atomic_add([0, 0], tl.zeros((16, 16), tl.float32))


@gluon.jit
def in_gluon(x, y):
    layout: gl.constexpr = gl.BlockedLayout([1], [32], [4], [0])
    at = gl.arange(0, 32, layout=layout)
    gl.store(y + at, gl.load(x + at))


@triton.jit
def dot(x, y, z, M: tl.constexpr, N: tl.constexpr, K: tl.constexpr):
    left = tl.load(x + tl.arange(0, M)[:, None] * K + tl.arange(0, K)[None, :])
    right = tl.load(y + tl.arange(0, K)[:, None] * N + tl.arange(0, N)[None, :])
    tl.store(z + tl.arange(0, M)[:, None] * N + tl.arange(0, N)[None, :], tl.dot(left, right))


def raised(kernel, *args, **named):
    try:
        kernel[(1,)](*args, **named)
    except Exception as error:
        return [type(error).__name__, str(error)]
    return None


def product(m, n, k, dtype=torch.float32):
    z = torch.zeros(m, n, dtype=torch.int32 if dtype is torch.int8 else torch.float32)
    return raised(dot, torch.ones(m, k, dtype=dtype), torch.ones(k, n, dtype=dtype), z, M=m, N=n, K=k)


def main():
    x, short = torch.zeros(32, 32), torch.zeros(32, 32, dtype=torch.uint8)
    found = {
        "notes": [*interpreter.install(), *bfloat16.install(), *sanitizer.install()],
        "tl.dot_scaled": raised(scaled, short, x, short),
        "libdevice.exp": raised(library, x, x),
        "cuda.globaltimer": raised(timer, torch.zeros(1, dtype=torch.int64)),
        "descriptor_reduce": raised(reduced_by_descriptor, x),
        "Gluon": raised(in_gluon, x, x),
        "dots": {str(sizes): product(*sizes) for sizes in ((16, 16, 8), (1, 1, 16), (1, 16, 16), (16, 1, 16))},
        "dots of int8": {str(k): product(16, 16, k, torch.int8) for k in (16, 32)},
        "dot of bfloat16": product(16, 16, 16, torch.bfloat16),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
