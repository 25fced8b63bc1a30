"""Kernels for test_interpreter.py: runs them in Triton's interpreter, as changed by install(), and prints JSON.

A script of its own, since TRITON_INTERPRET must be set before triton is imported, which pytest's process must not do.
"""

import json

import numpy as np
import torch
import triton
import triton.language as tl
from triton.runtime.autotuner import Autotuner

from mlsys_kernels.tracing import interpreter

BLOCK = 16


@triton.jit
def dot(a, b, c, precision: tl.constexpr, BLOCK: tl.constexpr):
    at = tl.arange(0, BLOCK)[:, None] * BLOCK + tl.arange(0, BLOCK)[None, :]
    if precision is None:
        product = tl.dot(tl.load(a + at), tl.load(b + at))
    else:
        product = tl.dot(tl.load(a + at), tl.load(b + at), input_precision=precision)
    tl.store(c + at, product)


@triton.jit
def copy(x, y, n, other: tl.constexpr, BLOCK: tl.constexpr):
    at = tl.arange(0, BLOCK)
    tl.store(y + at, tl.load(x + at, mask=at < n, other=other))


@triton.jit
def extremes(x, high, low, BLOCK: tl.constexpr):
    at = tl.arange(0, BLOCK)
    value = tl.load(x + at)
    tl.store(high + at, tl.maximum(value, 0.0))
    tl.store(low + at, tl.minimum(value, 0.0, propagate_nan=tl.PropagateNan.ALL))


@triton.jit
def count_up(x, n):
    total = 0
    for i in range(n):
        total += i
    tl.store(x, total)


@triton.autotune([triton.Config({"STEP": 3}), triton.Config({"STEP": 5})], key=["n"])
@triton.jit
def add_step(x, n, STEP: tl.constexpr):
    tl.store(x, tl.load(x) + STEP * n)


@triton.jit
def unwritten(x):
    raise NotImplementedError("unwritten")


@triton.jit
def call_unwritten(x):
    tl.store(x, unwritten(x))


def product(dtype, precision):
    a = torch.eye(BLOCK, dtype=dtype) * (1 + 2.0**-12 if dtype is torch.float32 else 1 + 2.0**-10)
    c = torch.zeros(BLOCK, BLOCK)
    dot[(1,)](a, torch.eye(BLOCK, dtype=dtype), c, precision, BLOCK=BLOCK)
    return c[0, 0].item()


def copied(dtype, other, n=10, block=BLOCK):
    x, y = torch.ones(block, dtype=dtype), torch.ones(block, dtype=dtype)
    copy[(1,)](x, y, n, other, BLOCK=block)
    return y.tolist()


def main():
    found = {"notes": list(interpreter.install())}
    found["dot"] = {str(p): product(torch.float32, p) for p in (None, "tf32", "ieee", "tf32x3")}
    found["dot float16"] = product(torch.float16, None)
    found["masked"] = copied(torch.float32, None)
    found["masked, other"] = copied(torch.float32, 0.0)
    found["masked, other, one lane"] = copied(torch.float32, 0.0, n=0, block=1)
    found["masked, int32"] = copied(torch.int32, None)
    x = torch.tensor([float("nan"), -1.0, 1.0, 0.0])
    high, low = torch.zeros(4), torch.zeros(4)
    extremes[(1,)](x, high, low, BLOCK=4)
    found["maximum"], found["minimum that keeps NaN"] = high.tolist(), low.tolist()
    total = torch.zeros(1, dtype=torch.int32)
    count_up[(1,)](total, 5)
    found["counted"] = total.item()
    once = torch.zeros(1)
    add_step[(1,)](once, 1)
    found["autotuned"] = once.item()
    try:
        call_unwritten[(1,)](once)
    except Exception as error:
        found["raised"] = type(error).__name__
    nan = np.array([0x7FFFFFFF], np.uint32).view(np.float32)
    found["tf32 of NaN"] = float(interpreter.to_tf32(nan)[0])
    del Autotuner.do_bench
    interpreter.install.cache_clear()
    found["notes without do_bench"] = interpreter.install()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
