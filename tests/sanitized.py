"""Kernels for test_sanitizer.py: runs them in Triton's interpreter with every access checked, and prints JSON.

A script of its own, since TRITON_INTERPRET must be set before triton is imported, which pytest's process must not do.
"""

import json
from pathlib import Path

import torch
import triton
import triton.language as tl
from triton.runtime import interpreter as triton_interpreter
from triton.tools.tensor_descriptor import TensorDescriptor

from mlsys_kernels.tracing import fault, interpreter, poison, sanitizer

BLOCK = 16
M, N, K = 33, 21, 40
LINES = Path(__file__).read_text(encoding="utf-8").splitlines()


@triton.jit
def matmul(
    a, b, c, M, N, K, stride_am, stride_ak, stride_bk, stride_bn, stride_cm, stride_cn,
    LOADS: tl.constexpr, STORES: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    rows = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    columns = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    acc = tl.zeros((BLOCK, BLOCK), dtype=tl.float16 if LOADS == "float16" else tl.float32)
    for start in range(tl.program_id(2) * BLOCK, K, tl.num_programs(2) * BLOCK):
        ks = start + tl.arange(0, BLOCK)
        if LOADS == "wrapped":
            x = tl.load(a + (rows % M)[:, None] * stride_am + ks[None, :] * stride_ak, mask=ks[None, :] < K, other=0.0)
            y = tl.load(
                b + ks[:, None] * stride_bk + (columns % N)[None, :] * stride_bn, mask=ks[:, None] < K, other=0.0
            )
        else:
            a_tile = a + rows[:, None] * stride_am + ks[None, :] * stride_ak
            b_tile = b + ks[:, None] * stride_bk + columns[None, :] * stride_bn
            if LOADS == "no mask":
                x = tl.load(a_tile)  # t02
                y = tl.load(b_tile)
            elif LOADS == "no mask over K":
                x = tl.load(a_tile, mask=rows[:, None] < M, other=0.0)  # t01
                y = tl.load(b_tile, mask=columns[None, :] < N, other=0.0)
            elif LOADS == "no other":
                x = tl.load(a_tile, mask=(rows[:, None] < M) & (ks[None, :] < K))  # t04
                y = tl.load(b_tile, mask=(ks[:, None] < K) & (columns[None, :] < N))
            else:
                x = tl.load(a_tile, mask=(rows[:, None] < M) & (ks[None, :] < K), other=0.0)
                y = tl.load(b_tile, mask=(ks[:, None] < K) & (columns[None, :] < N), other=0.0)
        if LOADS == "float16":
            acc += tl.dot(x, y).to(tl.float16)
        else:
            acc = tl.dot(x, y, acc, input_precision="ieee")
    inside = (rows[:, None] < M) & (columns[None, :] < N)
    c_tile = c + rows[:, None] * stride_cm + columns[None, :] * stride_cn
    if STORES == "no mask":
        tl.store(c_tile, acc)  # t03
    elif STORES == "wrapped":
        tl.store(c + (rows % M)[:, None] * stride_cm + (columns % N)[None, :] * stride_cn, acc)
    elif STORES == "added":
        tl.store(c_tile, tl.load(c_tile, mask=inside, other=0.0) + acc, mask=inside)  # t06
    elif STORES == "atomic":
        tl.atomic_add(c_tile, acc, mask=inside)
    elif STORES == "atomic, first sets 0":
        if tl.program_id(2) == 0:
            tl.store(c_tile, tl.zeros((BLOCK, BLOCK), tl.float32), mask=inside)
        tl.atomic_add(c_tile, acc, mask=inside)  # t12
    else:
        tl.store(c_tile, acc, mask=inside)


@triton.jit
def grouped(a, b, c, M, N, K, GROUP: tl.constexpr, BLOCK: tl.constexpr):
    """Persistent: four programs share all tiles, in grouped order."""
    tiles_m, tiles_n = tl.cdiv(M, BLOCK), tl.cdiv(N, BLOCK)
    for tile in range(tl.program_id(0), tiles_m * tiles_n, tl.num_programs(0)):
        m, n = tl.swizzle2d(tile // tiles_n, tile % tiles_n, tiles_m, tiles_n, GROUP)
        rows, columns = m * BLOCK + tl.arange(0, BLOCK), n * BLOCK + tl.arange(0, BLOCK)
        acc = tl.zeros((BLOCK, BLOCK), dtype=tl.float32)
        for start in range(0, K, BLOCK):
            ks = start + tl.arange(0, BLOCK)
            x = tl.load(a + rows[:, None] * K + ks[None, :], (rows[:, None] < M) & (ks[None, :] < K), 0.0)
            y = tl.load(b + ks[:, None] * N + columns[None, :], (ks[:, None] < K) & (columns[None, :] < N), 0.0)
            acc = tl.dot(x, y, acc, input_precision="ieee")
        inside = (rows[:, None] < M) & (columns[None, :] < N)
        tl.store(c + rows[:, None] * N + columns[None, :], acc, mask=inside)


@triton.jit
def described(a, b, c, K, BLOCK: tl.constexpr):
    row, column = tl.program_id(0) * BLOCK, tl.program_id(1) * BLOCK
    acc = tl.zeros((BLOCK, BLOCK), dtype=tl.float32)
    for start in range(0, K, BLOCK):
        acc = tl.dot(a.load([row, start]), b.load([start, column]), acc, input_precision="ieee")
    c.store([row, column], acc)  # descriptor store


@triton.jit
def block_pointers(a, b, c, M, N, K, CHECKED: tl.constexpr, BLOCK: tl.constexpr):
    row, column = tl.program_id(0) * BLOCK, tl.program_id(1) * BLOCK
    x = tl.make_block_ptr(a, (M, K), (K, 1), (row, 0), (BLOCK, BLOCK), (1, 0))
    y = tl.make_block_ptr(b, (K, N), (N, 1), (0, column), (BLOCK, BLOCK), (1, 0))
    acc = tl.zeros((BLOCK, BLOCK), dtype=tl.float32)
    for _ in range(0, K, BLOCK):
        if CHECKED:
            left = tl.load(x, boundary_check=(0, 1), padding_option="zero")
            right = tl.load(y, boundary_check=(0, 1), padding_option="zero")
        else:
            left = tl.load(x)
            right = tl.load(y)
        acc = tl.dot(left, right, acc, input_precision="ieee")
        x, y = tl.advance(x, (0, BLOCK)), tl.advance(y, (BLOCK, 0))
    z = tl.make_block_ptr(c, (M, N), (N, 1), (row, column), (BLOCK, BLOCK), (1, 0))
    tl.store(z, acc, boundary_check=(0, 1))


@triton.jit
def copy(x_ptr, y_ptr, offset, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y_ptr + at, tl.load(x_ptr + at + offset), mask=at < n)  # copy


@triton.jit
def half(x, y, n, BLOCK: tl.constexpr):
    at = tl.arange(0, BLOCK)
    tl.store(y + at, tl.load(x + at, mask=at < n))  # half


@triton.jit
def put(at, value):
    tl.store(at, value)  # put


@triton.jit
def put_everywhere(x, n, BLOCK: tl.constexpr):
    for i in range(0, n, BLOCK):
        put(x + i + tl.arange(0, BLOCK), 1.0)


@triton.autotune([triton.Config({"STEP": 2}), triton.Config({"STEP": 1})], key=["n"])
@triton.heuristics({"EVEN": lambda args: args["n"] % 2 == 0})
@triton.jit
def tuned(x, n, STEP: tl.constexpr, EVEN: tl.constexpr, SIZE: tl.constexpr = 8):  # noqa: ARG001
    tl.store(x + tl.arange(0, SIZE) * STEP, 1.0)  # tuned


@triton.jit
def one_element(x, SAME: tl.constexpr):
    tl.store(x, 1.0 if SAME else tl.program_id(0).to(tl.float32))  # one element


@triton.jit
def neighbour(x, y, BLOCK: tl.constexpr):
    pid, at = tl.program_id(0), tl.arange(0, BLOCK)
    other = (pid + 1) % tl.num_programs(0)
    value = tl.load(x + other * BLOCK + at)  # neighbour loads
    tl.store(x + pid * BLOCK + at, value)  # neighbour stores
    tl.store(y + pid * BLOCK + at, value)


@triton.jit
def read_sum(x, BLOCK: tl.constexpr):
    at = tl.arange(0, BLOCK)
    tl.atomic_add(x + at, 1.0)
    tl.store(x + BLOCK + tl.program_id(0) * BLOCK + at, tl.load(x + at))  # read sum


@triton.jit
def locked(x, lock, BLOCK: tl.constexpr):
    at = tl.arange(0, BLOCK)
    while tl.atomic_cas(lock, 0, 1) == 1:
        pass
    tl.store(x + at, tl.load(x + at) + 1.0)
    tl.atomic_xchg(lock, 0)


@triton.jit
def last_one_sums(x, partial, arrived, BLOCK: tl.constexpr):
    pid, programs, at = tl.program_id(0), tl.num_programs(0), tl.arange(0, BLOCK)
    tl.store(partial + pid * BLOCK + at, pid + 1.0)
    if tl.atomic_add(arrived, 1) == programs - 1:
        total = tl.zeros((BLOCK,), tl.float32)
        for i in range(programs):
            total += tl.load(partial + i * BLOCK + at)
        tl.store(x + at, total)


@triton.jit
def either(x, y, z, BLOCK: tl.constexpr):
    at = tl.arange(0, BLOCK)
    tl.store(z + at, tl.load(tl.where(at < BLOCK // 2, x + at, y + at)))


@triton.jit
def two(xs, y, nothing, n, BLOCK: tl.constexpr):  # noqa: ARG001
    at = tl.arange(0, BLOCK)
    tl.store(y + at, tl.load(xs[0] + at) + tl.load(xs[1] + at + n))


@triton.jit
def turns(x, counter):
    tl.store(x + tl.program_id(0) * 6 + tl.program_id(1) * 2 + tl.program_id(2), tl.atomic_add(counter, 1))


@triton.jit
def no_tensor(n):
    tl.device_print("n", n)


def fault_of(run, *args):
    """What the checks say to a launch: the fault as a dictionary, "wrong" for a wrong result, or None."""
    fault.clear()
    try:
        right = run(*args)
    except fault.MemoryFault as raised:
        text = LINES[raised.line - 1]
        mark = text.partition("  # ")[2] or text.strip()
        kept = fault.first() is raised
        return {"kind": raised.kind, "what": raised.what, "because": raised.because, "at": mark, "kept": kept}
    finally:
        sanitizer.clear_protected()
    return None if right is None or right else "wrong"


def integers(*shape):
    return torch.randint(-3, 4, shape).float()


def product(
    loads="masked",
    stores="masked",
    a=None,
    b=None,
    split=1,
    row_major_b=False,
    m=M,
    n=N,
    k=K,
    kernel=matmul,
    padded_c=False,
):
    a, b = integers(m, k) if a is None else a, integers(k, n) if b is None else b
    c = torch.zeros(m, n + 3)[:, :n] if padded_c else torch.zeros(m, n)
    sanitizer.protect(a), sanitizer.protect(b)
    strides_b = (n, 1) if row_major_b else b.stride()
    grid = (triton.cdiv(m, BLOCK), triton.cdiv(n, BLOCK), split)
    if loads == "float16":
        a, b = a.half(), b.half()
    kernel[grid](a, b, c, m, n, k, *a.stride(), *strides_b, *c.stride(), loads, stores, BLOCK=BLOCK)
    return torch.equal(c, a.float() @ b.float())


def on_tiles():
    a, b, c = integers(M, K), integers(K, N), torch.empty(M, N)
    grouped[(4,)](a, b, c, M, N, K, GROUP=2, BLOCK=BLOCK)
    return torch.equal(c, a @ b)


def with_descriptors(rows=M):
    a, b, c = integers(M, 40), integers(40, 24), torch.empty(M, 24)
    blocks = [TensorDescriptor.from_tensor(t, [BLOCK, BLOCK]) for t in (a, b, c)]
    blocks[2].shape = [rows, 24]
    described[(triton.cdiv(rows, BLOCK), 2)](*blocks, 40, BLOCK=BLOCK)
    return torch.equal(c, a @ b)


HAS_BLOCK_POINTERS = tuple(map(int, triton.__version__.split(".")[:2])) < (3, 9)
"""Triton 3.9 has removed them, from its compiler too."""


def with_block_pointers(checked):
    a, b, c = integers(M, K), integers(K, N), torch.empty(M, N)
    block_pointers[(triton.cdiv(M, BLOCK), triton.cdiv(N, BLOCK))](a, b, c, M, N, K, checked, BLOCK=BLOCK)
    return torch.equal(c, a @ b)


def launched(kernel, grid, *args, **named):
    kernel[grid](*args, **named)


def store_to_input(through):
    x = torch.zeros(64)
    sanitizer.protect(x[8:])
    copy[(1,)](torch.zeros(BLOCK), through(x), 0, BLOCK, BLOCK=BLOCK)


def untouched():
    """Memory that an unmasked store would have gone over: its neighbours in one storage."""
    whole = torch.zeros(3 * BLOCK)
    found = fault_of(launched, copy, (2,), torch.ones(2 * BLOCK), whole[BLOCK : 2 * BLOCK], 0, 99, BLOCK)
    return found["kind"], whole[2 * BLOCK :].sum().item()


def order_of(seed):
    x, counter = torch.full((24,), -1, dtype=torch.int32), torch.zeros(1, dtype=torch.int32)
    sanitizer.order(seed)
    turns[(4, 3, 2)](x, counter)
    sanitizer.order(None)
    return x.tolist()


def undefined(dtype, n=10):
    sanitizer.start_call()
    y = torch.zeros(BLOCK, dtype=dtype)
    half[(1,)](torch.ones(BLOCK, dtype=dtype), y, n, BLOCK=BLOCK)
    line = sanitizer.undefined_line()
    return sanitizer.undefined_lanes(), line and LINES[line - 1].partition("  # ")[2], [str(v) for v in y.tolist()]


def right_kernels():
    wide = integers(M, K + 5)
    counter = torch.zeros(1, dtype=torch.int32)
    runs = {
        "masked": (product,),
        "no mask, whole blocks": (product, "no mask", "no mask", None, None, 1, False, 32, 16, 48),
        "wrapped loads": (product, "wrapped"),
        "wrapped loads and stores": (product, "wrapped", "wrapped"),
        "split K with atomics": (product, "masked", "atomic", None, None, 3),
        "float16 accumulator": (product, "float16"),
        "transposed views": (product, "masked", "masked", integers(K, M).T, integers(N, K).T),
        "windows": (product, "masked", "masked", wide[:, 2 : K + 2], integers(K, 2 * N)[:, ::2]),
        "broadcast": (product, "masked", "masked", integers(1, K).expand(M, K), integers(K, 1).expand(K, N)),
        "one by one": (product, "masked", "masked", None, None, 1, False, 1, 1, 1),
        "no columns": (product, "masked", "masked", None, None, 1, False, 5, 0, 3),
        "no K": (product, "masked", "masked", None, None, 1, False, 5, 6, 0),
        "padded result": (product, "masked", "masked", None, None, 1, False, M, N, K, matmul, True),
        "persistent and grouped": (on_tiles,),
        "tensor descriptors": (with_descriptors,),
        **({"block pointers": (with_block_pointers, True)} if HAS_BLOCK_POINTERS else {}),
        "copy of a window": (launched, copy, (1,), integers(40)[5:], torch.empty(BLOCK), 2, BLOCK, BLOCK),
        "same bits twice": (launched, one_element, (3,), torch.zeros(1), True),
        "a lock": (launched, locked, (4,), torch.zeros(BLOCK), counter, BLOCK),
        "the last one sums": (
            launched, last_one_sums, (4,), torch.zeros(BLOCK), torch.empty(4 * BLOCK), counter.clone(), BLOCK,
        ),
        "pointers of two tensors": (launched, either, (1,), *(torch.zeros(BLOCK) for _ in range(3)), BLOCK),
        "tuple, None, parameter": (
            launched, two, (1,), (torch.zeros(BLOCK), torch.nn.Parameter(torch.zeros(BLOCK))), torch.zeros(BLOCK),
            None, 0, BLOCK,
        ),
        "two views of one buffer": (
            launched, copy, (2,), (buffer := torch.zeros(64))[:BLOCK], buffer[BLOCK : 3 * BLOCK], 0, 0, BLOCK,
        ),
        "nested function": (launched, put_everywhere, (1,), torch.zeros(32), 32, BLOCK),
        "autotuned": (launched, tuned, (1,), torch.zeros(16), 16),
        "no tensor": (launched, no_tensor, (2,), 3),
    }  # fmt: skip
    return {name: fault_of(*run) for name, run in runs.items()}


def wrong_kernels():
    x, y = torch.zeros(40), torch.zeros(40)
    runs = {
        "t01": (product, "no mask over K"),
        "t02": (product, "no mask"),
        "t03": (product, "masked", "no mask"),
        "t03, one program": (product, "masked", "no mask", None, None, 1, False, 16, 13, 16),
        "t05, transposed": (product, "masked", "masked", None, integers(N, K).T, 1, True),
        "t05, window": (product, "masked", "masked", None, integers(K, N + 4)[:, :N], 1, True),
        "t06": (product, "masked", "added", None, None, 3),
        "t12": (product, "masked", "atomic, first sets 0", None, None, 3),
        "past the end": (launched, copy, (3,), x, torch.zeros(48), 0, 48, BLOCK),
        "before the start": (launched, copy, (1,), x, y, -3, BLOCK, BLOCK),
        "far away": (launched, copy, (1,), x, y, 1 << 36, BLOCK, BLOCK),
        "store past the end": (launched, copy, (3,), torch.zeros(48), y, 0, 48, BLOCK),
        "next window": (launched, copy, (1,), torch.zeros(4, 9)[:, :4], y, 0, BLOCK, BLOCK),
        "every second element": (launched, copy, (1,), torch.zeros(40)[::2], y, 0, BLOCK, BLOCK),
        "empty": (launched, copy, (1,), torch.zeros(0), y, 0, BLOCK, BLOCK),
        "input": (store_to_input, lambda x: x),
        "input through a view": (store_to_input, lambda x: x.view(torch.int32).view(4, 16)[1:].view(torch.float32)),
        "nested function": (launched, put_everywhere, (1,), torch.zeros(24), 32, BLOCK),
        "autotuned": (launched, tuned, (1,), torch.zeros(14), 14),
        "one element": (launched, one_element, (3,), torch.zeros(1), False),
        "neighbour": (launched, neighbour, (3,), torch.ones(48), torch.zeros(48), BLOCK),
        "read sum": (launched, read_sum, (3,), torch.zeros(64), BLOCK),
        "tuple": (launched, two, (1,), (torch.zeros(BLOCK), torch.zeros(BLOCK)), y, None, 2, BLOCK),
        "descriptor of too many rows": (with_descriptors, 48),
        **({"block pointers": (with_block_pointers, False)} if HAS_BLOCK_POINTERS else {}),
    }
    return {name: fault_of(*run) for name, run in runs.items()}


def poisoned():
    """What torch hands out unwritten, and what it does not."""
    poison.poison_empty()
    poison.poison_empty()
    whole = torch.zeros(2, dtype=torch.int32)
    made = {
        "empty": torch.empty(2),
        "empty, bfloat16": torch.empty((2,), dtype=torch.bfloat16),
        "empty, int16": torch.empty(2, dtype=torch.int16),
        "empty, requires_grad": torch.empty(2, requires_grad=True),
        "empty_like": torch.empty_like(whole),
        "empty_strided": torch.empty_strided((2,), (3,)),
        "new_empty": whole.new_empty(2),
        "zeros": torch.zeros(2),
        "full": torch.full((2,), 3.0),
        "zeros_like": torch.zeros_like(whole),
    }
    torch.empty(2, device="meta"), torch.empty(0), torch.empty(2, dtype=torch.bool)
    return {name: [str(value) for value in tensor.tolist()] for name, tensor in made.items()}


def main():
    found = {"notes": [*interpreter.install(), *sanitizer.install()]}
    torch.manual_seed(0)
    found["right"] = right_kernels()
    found["wrong"] = wrong_kernels()
    sanitizer.order(7)
    found["right, shuffled"] = right_kernels()
    found["wrong, shuffled"] = wrong_kernels()
    sanitizer.order(None)
    found["untouched"] = untouched()
    found["orders"] = {str(seed): order_of(seed) for seed in (None, 1, 1, 2)}
    found["order again"] = order_of(1)
    sanitizer.start_call()
    found["t04"] = product("no other"), sanitizer.undefined_lanes(), LINES[sanitizer.undefined_line() - 1]
    names = ("float32", "int8", "int32", "int64", "bfloat16")
    found["undefined"] = {name: undefined(getattr(torch, name)) for name in names}
    found["nothing undefined"] = undefined(torch.float32, BLOCK)[:2]
    found["poisoned"] = poisoned()
    del triton_interpreter.InterpreterBuilder.create_atomic_cas
    sanitizer.install.cache_clear()
    found["notes without atomic_cas"] = sanitizer.install()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
