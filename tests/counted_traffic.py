"""Kernels for test_triton_traffic.py: counts their traffic in Triton's interpreter, and prints JSON.

A script of its own, since TRITON_INTERPRET must be set before triton is imported, which pytest's process must not do.
With the argument "again" it counts one product only; with "changed" it does so in an interpreter that has changed.
"""

import importlib.util
import json
import sys
from pathlib import Path

import sanitized
import torch
import triton
import triton.language as tl
from triton.runtime.interpreter import InterpreterBuilder

from mlsys_kernels.tracing import interpreter, sanitizer, triton_traffic

SOLUTIONS = Path(__file__).parents[1] / "solutions"
BLOCK = 32


@triton.jit
def walk(x, y, start, step, BLOCK: tl.constexpr):
    at = tl.arange(0, BLOCK)
    tl.store(y + at, tl.load(x + start + at * step))


@triton.jit
def copy_where(x, y, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y + at, tl.load(x + at, mask=at < n, other=0.0), mask=at < n)


@triton.jit
def copy_if(x, y, programs, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    on = tl.program_id(0) < programs  # one value for all lanes
    tl.store(y + at, tl.load(x + at, mask=on, other=0.0), mask=on)


@triton.jit
def ones(y, stride, BLOCK: tl.constexpr):
    """Program i stores the first BLOCK elements of row i, and of row i + 1 the first one."""
    row = tl.program_id(0)
    tl.store(y + row * stride + tl.arange(0, BLOCK), 1.0)
    tl.store(y + (row + 1) * stride, 1.0)


@triton.jit
def copy_tile(x, y, stride_m, stride_n, rows, BLOCK: tl.constexpr):
    m, n = tl.arange(0, BLOCK)[:, None], tl.arange(0, BLOCK)[None, :]
    tl.store(y + m * BLOCK + n, tl.load(x + m * stride_m + n * stride_n, mask=m < rows, other=0.0), mask=m < rows)


@triton.jit
def many(a, b, c, d, e, f, columns, BLOCK: tl.constexpr):
    """Add row i of five matrices to that of the sixth."""
    at = tl.program_id(0) * columns + tl.arange(0, BLOCK)
    total = tl.load(a + at) + tl.load(b + at) + tl.load(c + at) + tl.load(d + at) + tl.load(e + at)
    tl.store(f + at, tl.load(f + at) + total)


@triton.jit
def as_bytes(x, y, BLOCK: tl.constexpr):
    pointer = x.to(tl.pointer_type(tl.int8))
    tl.store(y + tl.arange(0, BLOCK), tl.load(pointer + tl.arange(0, BLOCK)))


def counted(run, *args, wave=None, maps=False, **named):
    """The counts of one call, and beside them what the sanitizer says that it moved."""
    sanitizer.start_call()
    triton_traffic.start(wave, maps=maps)
    try:
        run(*args, **named)
    except Exception as error:
        print(error)
    counts = triton_traffic.counts()
    return counts | {"moved": sanitizer.moved()}


def solution(name, **constants):
    spec = importlib.util.spec_from_file_location(name, SOLUTIONS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for constant, value in constants.items():
        setattr(module, constant, value)
    return module


def product(name, m, n, k, block, dtype=torch.float32, wave=None, maps=False, **constants):
    blocks = {"BLOCK_M": block, "BLOCK_N": block, "BLOCK_K": block}
    a, b = torch.ones(m, k, dtype=dtype), torch.ones(k, n, dtype=dtype)
    sanitizer.protect(a), sanitizer.protect(b)
    found = counted(solution(name, **blocks, **constants).matmul, a, b, wave=wave, maps=maps)
    sanitizer.clear_protected()
    return found


def launched(kernel, grid, *args, **named):
    return counted(kernel[grid], *args, **named)


def squared():
    a = torch.ones(32, 32)
    return counted(solution("21_tiled_dot").matmul, a, a)


def repeatedly(kernel, times, grid, *args):
    for _ in range(times):
        kernel[grid](*args)


def shuffled(seed):
    sanitizer.order(seed)
    found = product("22_masks_and_strides", 70, 50, 40, 32, wave=2, maps=True)
    sanitizer.order(None)
    return found


def without_start():
    try:
        triton_traffic.counts()
    except RuntimeError as error:
        return str(error)


def wave_of_none():
    try:
        triton_traffic.start(0)
    except ValueError as error:
        return str(error)


def all_of_them():
    big = [torch.zeros(520, 100) for _ in range(6)]
    column, wide, late = torch.ones(32, 32), torch.zeros(5, 40)[:, :32], torch.ones(33 * 32)
    return {
        "without start": without_start(),
        "a wave of none": wave_of_none(),
        "tiled": {f"{n} {block}": product("21_tiled_dot", n, n, n, block) for n in (64, 128) for block in (16, 32, 64)},
        "tiled, float16": product("21_tiled_dot", 64, 64, 64, 32, torch.float16),
        "drawn": product("21_tiled_dot", 64, 32, 32, 16, maps=True),
        "drawn, large": product("21_tiled_dot", 128, 256, 64, 64, maps=True),
        "wave of a wide grid": product("21_tiled_dot", 64, 128, 32, 32, wave=4),
        "masked": product("22_masks_and_strides", 33, 21, 40, 16),
        "grouped": {str(g): product("24_grouped_order", 144, 144, 144, 16, wave=9, GROUP_M=g) for g in (1, 3)},
        "row walk": launched(walk, (1,), column, torch.empty(32), 0, 1, 32, maps=True),
        "row walk, odd address": launched(walk, (1,), late[1:], torch.empty(33)[1:], 0, 1, 32),
        "column walk": launched(walk, (1,), column, torch.empty(32), 0, 32, 32, maps=True),
        "backwards": launched(walk, (1,), column, torch.empty(32), 31, -1, 32),
        "copy": counted(solution("23_coalescing").copy, torch.ones(24, 32)),
        "copy, transposed": counted(solution("23_coalescing").copy, torch.ones(32, 32).T),
        "tile": {
            str(n): launched(copy_tile, (1,), column, torch.empty(32, 32), 1, 32, n, 32, maps=True) for n in (32, 8)
        },
        "half": launched(copy_where, (4,), torch.ones(100), torch.empty(100), 100, 32, maps=True),
        "none": launched(copy_where, (2,), torch.ones(100), torch.empty(100), 0, 32),
        "scalar mask": launched(copy_if, (4,), torch.ones(96), torch.empty(96), 3, 32),
        "written": launched(ones, (4,), wide, 40, 16),
        "block pointers": counted(sanitized.with_block_pointers, True) if sanitized.HAS_BLOCK_POINTERS else None,
        "descriptors": counted(sanitized.with_descriptors),
        "atomics": counted(sanitized.product, "masked", "atomic", None, None, 3),
        "two pointers": launched(sanitized.either, (1,), torch.ones(16), torch.ones(16), torch.empty(16), 16),
        "squared": squared(),
        "as bytes": launched(as_bytes, (1,), torch.ones(8), torch.empty(32, dtype=torch.int8), 32),
        "no tensor": launched(sanitized.no_tensor, (2,), 3),
        "no program": launched(walk, (0,), column, column, 0, 1, 32),
        "fault in program 1": launched(walk, (2,), torch.ones(4), torch.empty(32), 0, 1, 32),
        "three": [product("22_masks_and_strides", 70, 50, 40, 32, wave=2, maps=True) for _ in range(3)],
        "shuffled": shuffled(5),
        "large": counted(repeatedly, many, 7, (520,), *big, 100, 64, maps=True, wave=1),
    }


def main():
    if sys.argv[1:] == ["changed"]:
        plain = InterpreterBuilder.set_grid_idx
        InterpreterBuilder.set_grid_idx = lambda self, i, j, k: plain(self, i, j, k)
    found = {"notes": [*interpreter.install(), *sanitizer.install()]}
    if sys.argv[1:]:
        found["again"] = product("22_masks_and_strides", 70, 50, 40, 32, wave=2, maps=True)
    else:
        found |= all_of_them()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
