"""Kernels for test_bfloat16.py: bfloat16 in Triton's interpreter beside torch, bit by bit, printed as JSON.

A script of its own, since TRITON_INTERPRET must be set before triton is imported, which pytest's process must not do.
"""

import json

import torch
import triton
import triton.language as tl
from triton.runtime import interpreter as triton_interpreter

from mlsys_kernels.tracing import bfloat16, interpreter, sanitizer

SIZE = 4096
BLOCK = 32


@triton.jit
def move(x, y, SIZE: tl.constexpr):
    """From the type of x to that of y."""
    at = tl.arange(0, SIZE)
    tl.store(y + at, tl.load(x + at))


@triton.jit
def through(x, y, between: tl.constexpr, SIZE: tl.constexpr):
    at = tl.arange(0, SIZE)
    tl.store(y + at, tl.load(x + at).to(between))


@triton.jit
def elementwise(x, y, z, what: tl.constexpr, SIZE: tl.constexpr):
    at = tl.arange(0, SIZE)
    a, b = tl.load(x + at), tl.load(y + at)
    if what == "add":
        value = a + b
    elif what == "sub":
        value = a - b
    elif what == "mul":
        value = a * b
    elif what == "div":
        value = (a / b).to(a.dtype)
    elif what == "add float32":
        value = a + b.to(tl.float32)
    elif what == "mul scalar":
        value = a * 1.7
    elif what == "less":
        value = a < b
    elif what == "equal":
        value = a == b
    elif what == "where":
        value = tl.where((a < b) & (b > 0.0), a, b)
    elif what == "relu":
        value = tl.where(a < 0.0, 0.0, a)
    elif what == "maximum":
        value = tl.maximum(a, b)
    elif what == "clamp":
        value = tl.clamp(a, -1.0, 1.0)
    elif what == "fma":
        value = tl.fma(a, b, a)
    elif what == "abs":
        value = tl.abs(a)
    elif what == "neg":
        value = -a
    elif what == "constant":
        value = tl.full((SIZE,), 0.3, tl.bfloat16)
    else:
        value = tl.zeros((SIZE,), tl.bfloat16) + a
    tl.store(z + at, value)


@triton.jit
def dot(a, b, c, BLOCK: tl.constexpr):
    at = tl.arange(0, BLOCK)[:, None] * BLOCK + tl.arange(0, BLOCK)[None, :]
    tl.store(c + at, tl.dot(tl.load(a + at), tl.load(b + at), tl.load(c + at)))


@triton.jit
def reduce(x, y, what: tl.constexpr, BLOCK: tl.constexpr):
    lines = tl.arange(0, BLOCK)
    value = tl.load(x + lines[:, None] * BLOCK + lines[None, :])
    if what == "sum":
        result = tl.sum(value, axis=1)
    elif what == "max":
        result = tl.max(value, axis=1)
    elif what == "min":
        result = tl.min(value, axis=1)
    else:
        result = tl.argmax(value, axis=1)
    tl.store(y + lines, result)


def bits(tensor):
    wide = {2: torch.int16, 4: torch.int32, 8: torch.int64}.get(tensor.element_size())
    return tensor.contiguous().view(wide) if wide is not None else tensor


def same(found, wanted):
    """Whether the bits agree; which NaN it is does not matter, as long as it is one."""
    nan = found.isnan() & wanted.isnan() if found.is_floating_point() else torch.zeros(found.shape, dtype=torch.bool)
    return found.dtype == wanted.dtype and bool(((bits(found) == bits(wanted)) | nan).all())


def every_bfloat16():
    return torch.arange(-(1 << 15), 1 << 15, dtype=torch.int32).to(torch.int16).view(torch.bfloat16)


def floats():
    """float32 at and beside every tie, and the ends of the range."""
    short = every_bfloat16()[:: 1 << 4].float().view(torch.int32)
    drawn = torch.randint(0, 1 << 16, short.shape, dtype=torch.int32)
    return torch.cat([(short & -65536) | low for low in (0x7FFF, 0x8000, 0x8001, drawn)]).view(torch.float32)


def converted(x, dtype):
    y = torch.empty(x.shape, dtype=dtype)
    move[(1,)](x, y, SIZE=x.numel())
    return same(y, x.to(dtype))


def operands():
    signs = every_bfloat16()
    return signs[torch.randint(0, len(signs), (SIZE,))], torch.randn(SIZE).bfloat16()


def computed(what, wanted, near=False):
    x, y = (torch.randn(SIZE).bfloat16(), torch.randn(SIZE).bfloat16()) if near else operands()
    right = wanted(x, y)
    z = torch.empty(SIZE, dtype=right.dtype)
    elementwise[(1,)](x, y, z, what, SIZE=SIZE)
    return same(z, right)


def multiplied():
    a, b = torch.randint(-8, 9, (BLOCK, BLOCK)).bfloat16(), torch.randn(BLOCK, BLOCK).bfloat16()
    c = torch.randn(BLOCK, BLOCK).bfloat16().float()
    exact = (a.double() @ b.double() + c.double()).float()
    dot[(1,)](a, b, c, BLOCK=BLOCK)
    return bool(torch.isclose(c, exact, rtol=0, atol=2e-5).all())


def multiplied_exactly():
    a, b = torch.randint(-127, 128, (BLOCK, BLOCK)).bfloat16(), torch.randint(-127, 128, (BLOCK, BLOCK)).bfloat16()
    c = torch.zeros(BLOCK, BLOCK)
    dot[(1,)](a, b, c, BLOCK=BLOCK)
    return same(c, a.float() @ b.float())


def reduced(what, wanted):
    x = torch.randint(-8, 9, (BLOCK, BLOCK)).bfloat16()
    right = wanted(x)
    y = torch.empty(BLOCK, dtype=right.dtype)
    reduce[(1,)](x, y, what, BLOCK=BLOCK)
    return same(y, right)


def main():
    torch.manual_seed(0)
    found = {"notes": [*interpreter.install(), *bfloat16.install(), *sanitizer.install()]}
    everything = every_bfloat16()
    small = torch.randint(-500, 500, (SIZE,))
    x = torch.full((SIZE,), 1.0)
    y = torch.empty(SIZE, dtype=torch.bfloat16)
    through[(1,)](x * 1.001, y, tl.bfloat16, SIZE=SIZE)
    found["same bits"] = {
        "every bfloat16 to float32": converted(everything, torch.float32),
        "every bfloat16 copied": converted(everything, torch.bfloat16),
        "bfloat16 to float16": converted(torch.randn(SIZE).bfloat16(), torch.float16),
        "bfloat16 to float64": converted(torch.randn(SIZE).bfloat16(), torch.float64),
        "bfloat16 to int32": converted((torch.randn(SIZE) * 1000).bfloat16(), torch.int32),
        "ties of float32 to bfloat16": converted(floats(), torch.bfloat16),
        "float16 to bfloat16": converted(torch.randn(SIZE).half(), torch.bfloat16),
        "float64 to bfloat16": converted(torch.randn(SIZE).double(), torch.bfloat16),
        "int32 to bfloat16": converted(small.int(), torch.bfloat16),
        "cast in the kernel": same(y, (x * 1.001).bfloat16()),
        "add": computed("add", torch.add),
        "sub": computed("sub", torch.sub),
        "mul": computed("mul", torch.mul),
        "div": computed("div", torch.div),
        "add float32": computed("add float32", lambda a, b: a + b.float()),
        "mul scalar": computed("mul scalar", lambda a, _: a * torch.tensor(1.7).bfloat16()),
        "less": computed("less", torch.lt),
        "equal": computed("equal", torch.eq),
        "where": computed("where", lambda a, b: torch.where((a < b) & (b > 0), a, b)),
        "relu": computed("relu", lambda a, _: torch.where(a < 0, torch.zeros_like(a), a)),
        "maximum": computed("maximum", lambda a, b: torch.fmax(a.float(), b.float()), near=True),
        "clamp": computed("clamp", lambda a, _: a.float().clamp(-1, 1), near=True),
        "fma": computed("fma", lambda a, b: (a.double() * b.double() + a.double()).bfloat16(), near=True),
        "abs": computed("abs", lambda a, _: a.abs(), near=True),
        "neg": computed("neg", lambda a, _: -a, near=True),
        "constant": computed("constant", lambda a, _: torch.full_like(a, 0.3)),
        "zeros": computed("zeros", lambda a, _: a + torch.zeros_like(a)),
        "dot, exact": multiplied_exactly(),
        "sum": reduced("sum", lambda x: x.float().sum(1).bfloat16()),
        "max": reduced("max", lambda x: x.amax(1)),
        "min": reduced("min", lambda x: x.amin(1)),
        "argmax": reduced("argmax", lambda x: torch.from_numpy(x.float().numpy().argmax(1)).int()),
    }
    found["dot keeps float32"] = multiplied()
    del triton_interpreter.InterpreterBuilder.create_dot
    bfloat16.install.cache_clear()
    found["notes without create_dot"] = bfloat16.install()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
