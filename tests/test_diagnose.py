"""A mistake is named by what it does to the numbers: each is repeated here in NumPy, on inputs drawn afresh."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mlsys_kernels.course.problems import epilogue, matmul, matmul_triton
from mlsys_kernels.course.problems.operands import decode, encode
from mlsys_kernels.course.spec import Call, Matrix, Tile
from mlsys_kernels.grading.answers import Returned
from mlsys_kernels.grading.compare import wrong_values
from mlsys_kernels.grading.diagnosis.diagnose import Diagnosis
from mlsys_kernels.grading.diagnosis.names import NAMES

CPU = {case.name: case for case in matmul.CPU.cases}
TRITON = {case.name: case for case in matmul_triton.TRITON.cases}
LAYER = {case.name: case for case in epilogue.EPILOGUE.cases}
SEEDS = (1, 2, 3)


def drawn(problem: dict[str, Any], name: str, seed: int) -> tuple[Call, Call]:
    """The two calls of a case, for inputs of this seed."""
    first, second = problem[name].calls(np.random.default_rng(seed), Tile(16, 16, 16))
    return first, second


def returned(call: Call, c: NDArray) -> Returned:
    expect = call.expect
    assert isinstance(expect, Matrix)
    with np.errstate(all="ignore"):
        return Returned(expect.library, expect.dtype, c.shape, encode(np.asarray(c, float), expect.dtype))


def diagnosis(call: Call, c: NDArray, earlier: list[tuple[Call, Returned]] | None = None) -> Diagnosis | None:
    earlier = earlier or []
    with np.errstate(all="ignore"):
        return wrong_values(
            call, call.expect, returned(call, c), [answer for _, answer in earlier], [old for old, _ in earlier]
        )  # type: ignore[arg-type]


def of(call: Call, mistaken: "Mistaken") -> Diagnosis:
    """The diagnosis of this mistake, made in this call."""
    assert isinstance(call.expect, Matrix)
    with np.errstate(all="ignore"):
        found = diagnosis(call, mistaken(call.expect.a, call.expect.b, call))
    assert found is not None
    return found


# What a mistake makes of A and B. Every function here gets (a, b, call) and returns C.
Mistaken = Callable[[NDArray, NDArray, Any], NDArray]


def keep(chosen: Callable[[NDArray, int], NDArray]) -> Mistaken:
    """Weigh term k of the sum by chosen(k, K)."""
    return lambda a, b, _: (a * np.asarray(chosen(np.arange(a.shape[1]), a.shape[1]), float)) @ b


def memory(arg: Any, strides: tuple[int, int], offset: int | None = None, shape: tuple[int, int] | None = None) -> Any:
    """What a kernel finds that walks the operand with these strides; NaN behind the end of the buffer."""
    rows, cols = shape or arg.shape
    start = arg.offset if offset is None else offset
    at = start + np.arange(rows)[:, None] * strides[0] + np.arange(cols)[None, :] * strides[1]
    flat = np.append(decode(arg.buffer, arg.dtype), np.full(1, 12345.0))
    return flat[np.where((at >= 0) & (at < len(flat) - 1), at, -1)]


def stepwise(rounding: Callable[[NDArray], NDArray], step: int = 1) -> Mistaken:
    def summed(a: NDArray, b: NDArray, _: Any) -> NDArray:
        c = np.zeros((len(a), b.shape[1]))
        for k in range(0, a.shape[1], step):
            c = rounding(c + a[:, k : k + step] @ b[k : k + step])
        return c

    return summed


def products(rounding: Callable[[NDArray], NDArray]) -> Mistaken:
    return lambda a, b, _: sum(rounding(np.outer(a[:, k], b[k])) for k in range(a.shape[1]))  # type: ignore[return-value]


def to(dtype: Any) -> Callable[[NDArray], NDArray]:
    return lambda x: decode(encode(x, dtype), dtype)


def tile_rows(c: NDArray, order: Callable[[NDArray], NDArray], size: int = 16) -> NDArray:
    """C whose row tiles are taken in another order; `order` gets the tile numbers."""
    tiles = len(c) // size
    source = np.arange(len(c))
    source[: tiles * size] = (order(np.arange(tiles))[:, None] * size + np.arange(size)).ravel()
    return c[source]


def overwritten(a: NDArray, b: NDArray, _: Any, tile: int = 32) -> NDArray:
    last = (a.shape[1] - 1) // tile * tile
    return a[:, last:] @ b[last:]


def running(a: NDArray, b: NDArray, _: Any) -> NDArray:
    return np.cumsum(a @ b, axis=1)


def block_runs_on(a: NDArray, b: NDArray, _: Any, size: int = 16) -> NDArray:
    """One block of sums for all tiles of C, never cleared."""
    right = a @ b
    c, block = right.copy(), np.zeros((size, size))
    for i in range(0, len(c), size):
        for j in range(0, c.shape[1], size):
            tile = right[i : i + size, j : j + size]
            block[: tile.shape[0], : tile.shape[1]] += tile
            c[i : i + size, j : j + size] = block[: tile.shape[0], : tile.shape[1]]
    return c


def zero_from(axis: int, start: int) -> Mistaken:
    def cut(a: NDArray, b: NDArray, _: Any) -> NDArray:
        c = a @ b
        c[(slice(None),) * axis + (slice(start, None),)] = 0
        return c

    return cut


def stored_across(high: int, wide: int) -> Mistaken:
    def across(a: NDArray, b: NDArray, _: Any) -> NDArray:
        right = a @ b
        c = np.zeros_like(right)
        for i in range(0, len(c) // high * high, high):
            for j in range(0, c.shape[1] // wide * wide, wide):
                for r in range(high):
                    for s in range(wide):
                        if i + s < c.shape[0] and j + r < c.shape[1]:
                            c[i + s, j + r] = right[i + r, j + s]
        c[len(c) // high * high :] = right[len(c) // high * high :]
        c[:, c.shape[1] // wide * wide :] = right[:, c.shape[1] // wide * wide :]
        return c

    return across


def skipping(test: Callable[[NDArray], NDArray]) -> Mistaken:
    """Leave a term out where `test` is true of the product."""

    def skip(a: NDArray, b: NDArray, _: Any) -> NDArray:
        c = np.zeros((len(a), b.shape[1]))
        for k in range(a.shape[1]):
            term = np.outer(a[:, k], b[k])
            c += np.where(test(term), 0, term)
        return c

    return skip


def skipping_zeros(a: NDArray, b: NDArray, _: Any) -> NDArray:
    c = np.zeros((len(a), b.shape[1]))
    for k in range(a.shape[1]):
        c[a[:, k] != 0] += np.outer(a[a[:, k] != 0, k], b[k])
    return c


def cut_bits(x: NDArray, mask: int) -> NDArray:
    return (x.astype(np.float32).view(np.uint32) & np.uint32(mask)).view(np.float32).astype(float)


def defined(a: NDArray, b: NDArray) -> NDArray:
    """The product by definition: a BLAS may lose NaN and infinity."""
    return stepwise(lambda x: x)(a, b, None)


def swap_tiles(a: NDArray, b: NDArray, _: Any) -> NDArray:
    c = a @ b
    c[:16, 16:32], c[16:32, :16] = c[16:32, :16].copy(), c[:16, 16:32].copy()
    return c


def past_the_row(a: NDArray, b: NDArray, _: Any) -> NDArray:
    c = a @ b
    c[1:, :5] = 0  # columns n ... n + 4 of the last tile hold zeros, and lie at the start of the next row
    return c


def with_(value: float, where: Any) -> Mistaken:
    def put(a: NDArray, b: NDArray, _: Any) -> NDArray:
        c = a @ b
        c[where] = value
        return c

    return put


def stale_panel(a: NDArray, b: NDArray, _: Any, tile: int = 16) -> NDArray:
    """The last piece of K is taken as full; its padding holds what the piece before left there."""
    weights = np.ones(a.shape[1])
    last = (a.shape[1] - 1) // tile * tile
    weights[a.shape[1] - tile : last] = 2
    return (a * weights) @ b


SQUARE = ("square",)
RAGGED = ("primes", "square", "k_one_more", "normal_values")
LONG = ("primes", "square", "normal_values")
MISTAKES: dict[str, tuple[str, tuple[str, ...], Mistaken]] = {
    "last three terms lost": ("tail-of-k", (*RAGGED, "float64", "small_integers"), keep(lambda k, n: k < n - 3)),
    "last, partial tile of K lost": ("tail-of-k", ("primes", "long_k"), keep(lambda k, n: k < n // 32 * 32)),
    "first term lost": ("head-of-k", RAGGED, keep(lambda k, _: k > 0)),
    "term 5 lost": ("middle-of-k", RAGGED, keep(lambda k, _: k != 5)),
    "a tile in the middle lost": ("middle-of-k", RAGGED, keep(lambda k, _: (k < 8) | (k >= 16))),
    "last term only": ("last-term-only", (*RAGGED, "float64"), keep(lambda k, n: k == n - 1)),
    "tiles overwrite": ("overwrites-over-k", ("square", "primes", "long_k", "normal_values"), overwritten),
    "first tile only": ("one-tile-only", ("square", "primes", "normal_values"), keep(lambda k, _: k < 16)),
    "only the second tile": ("one-tile-only", ("square", "primes"), keep(lambda k, _: (k >= 16) & (k < 32))),
    "every tile loses its last term": ("part-of-every-tile", LONG, keep(lambda k, _: k % 16 < 15)),
    "every tile loses its first term": ("part-of-every-tile", LONG, keep(lambda k, _: k % 16 > 0)),
    "one accumulator of four lost": ("part-of-every-tile", RAGGED, keep(lambda k, _: k % 4 != 2)),
    "steps of two": ("part-of-every-tile", RAGGED, keep(lambda k, _: k % 2 == 0)),
    "tiles end one too late": ("tiles-overlap", RAGGED, keep(lambda k, _: 1 + ((k % 16 == 0) & (k > 0)))),
    "one term twice": ("tiles-overlap", RAGGED, keep(lambda k, _: 1 + (k == 7))),
    "stale panel": ("stale-padding", ("primes", "long_k"), stale_panel),
    "accumulator not cleared": ("added-every-step", RAGGED, keep(lambda k, n: n - k)),
    "accumulator not cleared between tiles": ("added-every-step", RAGGED, keep(lambda k, n: -(-n // 16) - k // 16)),
    "sum runs on": ("sum-not-reset", RAGGED, running),
    "sum runs down": ("sum-not-reset", RAGGED, lambda a, b, _: np.cumsum(a @ b, axis=0)),
    "block runs on": ("sum-not-reset", ("square", "primes"), block_runs_on),
    "tiles 32 long, 16 apart": ("tiles-overlap", ("square",),
                                lambda a, b, _: sum(a[:, k : k + 32] @ b[k : k + 32] for k in (0, 16))),
    "first row of every block": ("wrong-tile", ("square", "primes"),
                                 lambda a, b, _: (a @ b)[np.arange(len(a)) // 4 * 4]),
    "columns dealt out": ("wrong-tile", ("square", "primes"),
                          lambda a, b, _: (a @ b)[:, np.arange(b.shape[1]) * 3 % b.shape[1]]),
    "edges added again": ("tiles-of-c-overlap", ("square", "primes"), lambda a, b, _: (a @ b) * np.where(
        np.arange(b.shape[1]) < 40, 1, np.where(np.arange(b.shape[1]) < 45, 2, 3))),
    "stored across the strides of C": ("strides-ignored", ("primes", "tall"),
                                       lambda a, b, _: (a @ b).reshape(b.shape[1], len(a)).T),
    "small terms skipped": ("small-terms-skipped", ("normal_values",), skipping(lambda t: abs(t) < 0.3)),
    "A does not move": ("wrong-step-over-k", RAGGED, lambda a, b, _: a[:, np.arange(a.shape[1]) % 16] @ b),
    "B does not move": ("wrong-step-over-k", RAGGED, lambda a, b, _: a @ b[np.arange(a.shape[1]) % 16]),
    "neither moves": ("wrong-step-over-k", RAGGED,
                      lambda a, b, _: a[:, np.arange(a.shape[1]) % 16] @ b[np.arange(a.shape[1]) % 16]),
    "B as its transpose": ("transposed-b", SQUARE, lambda a, b, _: a @ b.T),
    "A as its transpose": ("transposed-a", SQUARE, lambda a, b, _: a.T @ b),
    "C as its transpose": ("transposed-c", SQUARE, lambda a, b, _: (a @ b).T),
    "C column by column": ("transposed-c", ("primes", "tall", "wide"),
                           lambda a, b, _: (a @ b).T.reshape(len(a), b.shape[1])),
    "B A": ("exchanged-operands", SQUARE, lambda a, b, _: b @ a),
    "A A": ("operand-unused", SQUARE, lambda a, _b, _: a @ a),
    "element by element": ("elementwise", SQUARE, lambda a, b, _: a * b),
    "b[j, k] in memory": ("transposed-b", ("primes", "transposed_view"),
                          lambda a, _b, call: a @ memory(call.args[1], call.args[1].strides[::-1])),
    "B reshaped": ("reshaped-not-transposed", ("primes", "normal_values"),
                   lambda a, b, _: a @ b.reshape(b.shape[1], b.shape[0]).T),
    "strides of B ignored": ("strides-ignored", ("strided_view", "negative_stride"),
                             lambda a, b, call: a @ memory(call.args[1], (b.shape[1], 1))),
    "strides of A ignored": ("strides-ignored", ("transposed_view", "negative_stride_b"),
                             lambda a, b, call: memory(call.args[0], (a.shape[1], 1)) @ b),
    "column stride of B ignored": ("strides-ignored", ("strided_view",),
                                   lambda a, _b, call: a @ memory(call.args[1], (call.args[1].strides[0], 1))),
    "row length of A for B": ("wrong-row-length", ("primes", "wide"),
                              lambda a, _b, call: a @ memory(call.args[1], (a.shape[1], 1))),
    "a[i, k + 1]": ("off-by-one", RAGGED, lambda a, b, call: memory(call.args[0], (a.shape[1], 1), 1) @ b),
    "b[k + 1, j]": ("off-by-one", RAGGED, lambda a, b, _: a @ np.roll(b, -1, 0)),
    "b[k, j + 1]": ("off-by-one", RAGGED, lambda a, b, _: a @ np.roll(b, -1, 1)),
    "rows one too far": ("off-by-one", RAGGED, lambda a, b, _: np.roll(a, 1, 0) @ b),
    "C two rows down": ("shifted", RAGGED, lambda a, b, _: np.roll(a @ b, 2, 0)),
    "C moved both ways": ("shifted", ("square", "primes"),
                          lambda a, b, _: np.pad(a @ b, ((1, 0), (2, 0)))[:-1, :-2]),
    "rows in reverse": ("reversed", RAGGED, lambda a, b, _: (a @ b)[::-1]),
    "every tile the first": ("repeats-first-tile", RAGGED, lambda a, b, _: (a @ b)[np.arange(len(a)) % 8]),
    "every column tile the first": ("repeats-first-tile", RAGGED,
                                    lambda a, b, _: (a @ b)[:, np.arange(b.shape[1]) % 8]),
    "two tiles exchanged": ("wrong-tile", ("square", "primes"), swap_tiles),
    "row tiles in another order": ("wrong-tile", ("square", "primes", "normal_values"),
                                   lambda a, b, _: tile_rows(a @ b, lambda t: np.roll(t, 1))),
    "blocks of 4 x 4 stored across": ("block-transposed", ("square", "primes"), stored_across(4, 4)),
    "blocks of 4 x 3 stored across": ("block-transposed", ("square", "primes"), stored_across(4, 3)),
    "float16 operands": ("half-operands", ("square", "normal_values"),
                         lambda a, b, _: to("float16")(a) @ to("float16")(b)),
    "A alone in bfloat16": ("half-operands", ("normal_values",), lambda a, b, _: to("bfloat16")(a) @ b),
    "bfloat16 operands": ("half-operands", ("square", "normal_values"),
                          lambda a, b, _: to("bfloat16")(a) @ to("bfloat16")(b)),
    "bfloat16 by masking": ("truncated", ("square", "normal_values"),
                            lambda a, b, _: cut_bits(a, 0xFFFF0000) @ cut_bits(b, 0xFFFF0000)),
    "float16 sum": ("half-accumulator", ("square", "normal_values", "long_k"), stepwise(to("float16"))),
    "bfloat16 sum": ("half-accumulator", ("square", "normal_values"), stepwise(to("bfloat16"))),
    "float16 sum per tile": ("half-accumulator", ("square", "normal_values"), stepwise(to("float16"), 16)),
    "float16 sum, other order": ("half-accumulator", ("square", "normal_values", "long_k"),
                                 lambda a, b, _: stepwise(to("float16"))(a[:, ::-1], b[::-1], None)),
    "float16 products": ("half-products", ("normal_values",), products(to("float16"))),
    "float16 result": ("half-result", ("square", "normal_values"), lambda a, b, _: to("float16")(a @ b)),
    "float32 operands": ("float32-in-float64", ("float64",), lambda a, b, _: to("float32")(a) @ to("float32")(b)),
    "float32 sum": ("float32-in-float64", ("float64",), stepwise(to("float32"))),
    "integer sum": ("integer-accumulator", ("square", "normal_values"), stepwise(np.trunc)),
    "integer result": ("integer-accumulator", ("square", "normal_values"), lambda a, b, _: np.trunc(a @ b)),
    "small results cut off": ("tiny-flushed", ("normal_values",),
                              lambda a, b, _: np.where(abs(a @ b) < 1, 0, a @ b)),
    "all tiny results zero": ("tiny-flushed", ("tiny_values",), lambda a, b, _: 0 * (a @ b)),
    "float16 overflows": ("overflow", ("large_range",),
                          lambda a, b, _: np.where(abs(a @ b) > 65504, np.inf, a @ b)),
    "twice": ("scaled", (*RAGGED, "float64", "tall"), lambda a, b, _: 2 * (a @ b)),
    "divided by K": ("scaled", RAGGED, lambda a, b, _: a @ b / a.shape[1]),
    "minus": ("scaled", RAGGED, lambda a, b, _: -(a @ b)),
    "|C|": ("absolute-values", RAGGED, lambda a, b, _: abs(a @ b)),
    "plus a constant": ("constant-offset", ("square", "primes"), lambda a, b, _: a @ b + 3),
    "zeros skipped": ("nan-skipped", ("nan_and_inf",), skipping_zeros),
    "NaN hidden": ("nan-hidden", ("nan_and_inf",),
                   lambda a, b, _: np.where(np.isfinite(defined(a, b)), defined(a, b), 0)),
    "rows after N": ("never-written", ("tall",), zero_from(0, 9)),
    "columns after 32": ("never-written", ("square", "primes"), zero_from(1, 32)),
    "nothing": ("never-written", ("square",), lambda a, b, _: 0 * (a @ b)),
    "NaN in the last rows": ("nan-appears", ("square", "primes"), with_(np.nan, slice(-3, None))),
    "huge numbers": ("not-initialised", ("square", "normal_values"), lambda a, b, _: (a @ b) * 0 + 1e30 * (1 + a @ b)),
    "poison": ("not-initialised", ("square", "primes"), with_(-2.87e-16, slice(40, None))),
    "past the end of the row": ("stored-past-the-row", ("primes", "square"), past_the_row),
}  # fmt: skip


def each_drawn() -> list[Any]:
    return [
        pytest.param(name, case, mistaken, id=f"{title}-{case}")
        for title, (name, cases, mistaken) in MISTAKES.items()
        for case in cases
    ]


@pytest.mark.parametrize(("name", "case", "mistaken"), each_drawn())
def test_a_mistake_is_named(name: str, case: str, mistaken: Mistaken) -> None:
    for seed in SEEDS:
        call = drawn(CPU, case, seed)[seed % 2]
        found = of(call, mistaken)
        assert found.name == name, f"{found.name}: {found.mistake.cause}"


def tf32(x: NDArray) -> NDArray:
    bits = x.astype(np.float32).view(np.uint32)
    return cut_bits((bits + np.uint32(0x1000)).view(np.float32), 0xFFFFE000)


def in_memory(index: int, strides: Callable[[Any], tuple[int, int]]) -> Mistaken:
    """Operand `index` walked with other strides."""

    def walked(a: NDArray, b: NDArray, call: Any) -> NDArray:
        found = memory(call.args[index], strides(call.args[index]))
        return found @ b if index == 0 else a @ found

    return walked


ON_TORCH: dict[str, tuple[str, tuple[str, ...], Mistaken]] = {
    "tf32": ("tf32", ("square", "normal_values", "primes"), lambda a, b, _: tf32(a) @ tf32(b)),
    "float16 sum of float16": ("half-accumulator", ("float16", "float16_normal"), stepwise(to("float16"))),
    "bfloat16 sum of bfloat16": ("half-accumulator", ("bfloat16", "bfloat16_normal"), stepwise(to("bfloat16"))),
    "float16 sum per tile": ("half-accumulator", ("float16", "float16_normal"), stepwise(to("float16"), 16)),
    "tail lost in float16": ("tail-of-k", ("float16", "float16_normal"), keep(lambda k, n: k < n - 6)),
    "overwritten in float16": ("overwrites-over-k", ("float16", "float16_normal"), overwritten),
    "reshaped in bfloat16": ("reshaped-not-transposed", ("bfloat16", "bfloat16_normal"),
                             lambda a, b, _: a @ b.reshape(b.shape[1], b.shape[0]).T),
    "every tile the first, in float16": ("repeats-first-tile", ("float16", "float16_normal"),
                                         lambda a, b, _: (a @ b)[np.arange(len(a)) % 16]),
    "B steps to the right": ("wrong-step-over-k", ("square", "primes"), lambda a, b, call: sum(
        a[:, k : k + 16] @ memory(call.args[1], (b.shape[1], 1), k, (min(16, len(b) - k), b.shape[1]))
        for k in range(0, len(b), 16))),
    "strides of A ignored": ("strides-ignored", ("transposed_view",), in_memory(0, lambda a: (a.shape[1], 1))),
    "rows only, no column stride": ("strides-ignored", ("transposed_view",), in_memory(0, lambda a: (a.strides[0], 1))),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "case", "mistaken"),
    [
        pytest.param(name, case, mistaken, id=f"{title}-{case}")
        for title, (name, cases, mistaken) in ON_TORCH.items()
        for case in cases
    ],
)
def test_a_mistake_in_a_triton_kernel_is_named(name: str, case: str, mistaken: Mistaken) -> None:
    for seed in SEEDS:
        found = of(drawn(TRITON, case, seed)[seed % 2], mistaken)
        assert found.name == name, f"{found.name}: {found.mistake.cause}"


def layer(c: Callable[[NDArray, NDArray], NDArray]) -> Mistaken:
    """C from the product and the bias."""
    return lambda a, b, call: c(a @ b, call.args[2].values)


def relu(x: NDArray) -> NDArray:
    return np.maximum(x, 0)


def relu_every_step(a: NDArray, b: NDArray, call: Any) -> NDArray:
    return relu(stepwise(relu, 16)(a, b, None) + call.args[2].values)


EPILOGUES: dict[str, tuple[str, tuple[str, ...], Mistaken]] = {
    "no epilogue": ("epilogue-missing", ("square", "primes", "normal_values"), layer(lambda c, _: c)),
    "no bias": ("epilogue-missing", ("square", "primes", "small_integers"), layer(lambda c, _: relu(c))),
    "no ReLU": ("epilogue-missing", ("square", "primes", "float16_normal"), layer(lambda c, bias: c + bias)),
    "ReLU first": ("relu-before-bias", ("square", "tall", "wide"), layer(lambda c, bias: relu(c) + bias)),
    "bias every step": ("bias-every-step", ("square", "long_k", "primes"),
                        lambda a, b, call: relu(a @ b + -(-a.shape[1] // 16) * call.args[2].values)),
    "bias per row": ("bias-per-row", ("square", "wide"),
                     lambda a, b, call: relu(a @ b + call.args[2].values[: len(a), None])),
    "bias subtracted": ("bias-wrong", ("square", "primes"), layer(lambda c, bias: relu(c - bias))),
    "ReLU every step": ("relu-every-step", ("square", "primes"), relu_every_step),
    "rounded before the bias": ("half-accumulator", ("float16", "bfloat16"),
                                lambda a, b, call: relu(to(call.args[0].dtype)(a @ b) + call.args[2].values)),
    "tail lost before the bias": ("tail-of-k", ("square", "primes", "normal_values"),
                                  lambda a, b, call: relu(a[:, :-3] @ b[:-3] + call.args[2].values)),
    "tiles overwrite before the bias": ("overwrites-over-k", ("square", "primes"),
                                        lambda a, b, call: relu(overwritten(a, b, call) + call.args[2].values)),
    "twice before the bias": ("scaled", ("square", "primes"), layer(lambda c, bias: relu(2 * c + bias))),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "case", "mistaken"),
    [
        pytest.param(name, case, mistaken, id=f"{title}-{case}")
        for title, (name, cases, mistaken) in EPILOGUES.items()
        for case in cases
    ],
)
def test_a_mistake_in_an_epilogue_is_named(name: str, case: str, mistaken: Mistaken) -> None:
    for seed in SEEDS:
        found = of(drawn(LAYER, case, seed)[seed % 2], mistaken)
        assert found.name == name, f"{found.name}: {found.mistake.cause}"


def product(call: Call) -> NDArray:
    assert isinstance(call.expect, Matrix)
    return call.expect.value


LEFT_OVER: dict[str, tuple[str, Callable[[Call, Call], NDArray]]] = {
    "the previous answer": ("previous-answer", lambda old, _: product(old)),
    "half of the previous answer": ("previous-answer", lambda old, new: np.where(
        np.arange(len(product(new)))[:, None] < 20, product(new), product(old))),
    "added to the previous answer": ("adds-to-previous-answer", lambda old, new: product(old) + product(new)),
    "the previous B": ("previous-operand", lambda old, new: new.expect.a @ old.expect.b),  # type: ignore[union-attr]
    "the previous A": ("previous-operand", lambda old, new: old.expect.a @ new.expect.b),  # type: ignore[union-attr]
}  # fmt: skip


@pytest.mark.parametrize(("name", "mistaken"), LEFT_OVER.values(), ids=LEFT_OVER.keys())
@pytest.mark.parametrize("case", ["square", "primes", "normal_values"])
def test_what_is_left_from_the_call_before_is_named(
    name: str, mistaken: Callable[[Call, Call], NDArray], case: str
) -> None:
    for seed in SEEDS:
        old, new = drawn(CPU, case, seed)
        found = diagnosis(new, mistaken(old, new), [(old, returned(old, product(old)))])
        assert found is not None
        assert found.name == name, f"{found.name}: {found.mistake.cause}"


def test_the_padding_of_a_longer_call_before_is_named() -> None:
    for seed in SEEDS:
        old, new = drawn(CPU, "square", seed)[0], drawn(CPU, "primes", seed)[1]
        a, b, long_a, long_b = new.expect.a, new.expect.b, old.expect.a, old.expect.b  # type: ignore[union-attr]
        c = a @ b + long_a[:61, 47:48] @ long_b[47:48, :53]
        found = diagnosis(new, c, [(old, returned(old, product(old)))])
        assert found is not None
        assert found.name == "stale-padding"


def test_a_few_wrong_elements_after_right_calls_of_the_same_shape_are_left_over_memory() -> None:
    call, before = drawn(CPU, "square", 1)
    c = product(call).copy()
    c[3, 4] += 1.5

    once, often = (diagnosis(call, c, [(before, returned(before, product(before)))] * times) for times in (1, 5))
    assert once is not None
    assert often is not None
    assert (once.name, often.name) == ("unknown", "not-initialised")


def test_the_last_block_of_rows_of_a_longer_call_is_found_in_the_padding() -> None:
    for seed in SEEDS:
        old, new = drawn(CPU, "primes", seed)[0], drawn(CPU, "one_row", seed)[1]
        a, b, long_a, long_b = new.expect.a, new.expect.b, old.expect.a, old.expect.b  # type: ignore[union-attr]
        c = a @ b + long_a[20:21, 41:45] @ long_b[41:45, :37]
        found = diagnosis(new, c, [(old, returned(old, product(old)))])
        assert found is not None
        assert found.name == "stale-padding", found.mistake.cause


def test_nan_where_torch_was_never_written_is_named() -> None:
    call = drawn(TRITON, "primes", 1)[0]
    c = product(call).copy()
    c[-13:] = np.nan
    found = diagnosis(call, c)

    assert found is not None
    assert found.name == "never-written"
    assert "the last 13 rows" in found.mistake.cause


def test_another_answer_to_the_same_call_is_named() -> None:
    rng = np.random.default_rng(5)
    call = drawn(CPU, "square", 1)[0]
    c, again = (product(call) + (rng.random((64, 64)) < 0.1) * rng.integers(1, 99, (64, 64)) for _ in range(2))
    value, other = returned(call, c), returned(call, again)
    found = wrong_values(call, call.expect, value, [], [], [other])  # type: ignore[arg-type]

    assert found is not None
    assert found.name == "differs-from-run-to-run"
    assert wrong_values(call, call.expect, value, [], [], [value]).name == "unknown"  # type: ignore[arg-type, union-attr]


def test_a_mistake_that_is_known_is_named_even_where_runs_differ() -> None:
    old, new = drawn(CPU, "square", 1)
    found = wrong_values(  # type: ignore[arg-type]
        new, new.expect, returned(new, product(new) + product(old)), [returned(old, product(old))], [old],
        [returned(new, 2 * product(new))],
    )  # fmt: skip

    assert found is not None
    assert found.name == "adds-to-previous-answer"


RANDOM_CASES = [
    (problem, name)
    for problem, names in (
        (CPU, ("square", "primes", "tall", "one_row", "long_k", "transposed_view", "normal_values", "small_integers")),
        (TRITON, ("float16", "bfloat16_normal", "strided_view")),
        (LAYER, ("square", "normal_values", "float16")),
    )
    for name in names
]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(RANDOM_CASES), st.sampled_from([0.002, 0.02, 0.2, 0.9, 1.0]))
def test_random_elements_are_never_given_a_cause(seed: int, drawn_from: tuple[Any, str], share: float) -> None:
    problem, name = drawn_from
    rng = np.random.default_rng(seed)
    call = drawn(problem, name, seed)[seed % 2]
    right = product(call)
    hit = rng.random(right.shape) < share
    hit.flat[rng.integers(right.size)] = True
    spread = np.abs(right).max() + 1
    c = np.where(hit, rng.permutation(right.ravel()).reshape(right.shape) + rng.normal(0, spread, right.shape), right)
    found = diagnosis(call, c)

    assert found is not None
    assert found.name in ("unknown", "remainder" if right.shape[0] == 1 else "unknown"), found.mistake.cause


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(RANDOM_CASES))
def test_one_wrong_element_is_never_given_a_cause(seed: int, drawn_from: tuple[Any, str]) -> None:
    problem, name = drawn_from
    call = drawn(problem, name, seed)[0]
    c = product(call).copy()
    c.flat[seed % c.size] += 1 + np.abs(c).max()
    found = diagnosis(call, c)

    assert found is not None
    assert found.name == "unknown"


SMALL: dict[str, Mistaken] = {
    "zeros": lambda a, b, _: np.zeros((len(a), b.shape[1])),
    "not a number": lambda a, b, _: np.full((len(a), b.shape[1]), np.nan),
    "twice": lambda a, b, _: 2 * (a @ b),
    "one more": lambda a, b, _: a @ b + 1,
    "the last term": lambda a, b, _: a[:, -1:] @ b[-1:],
    "rounded": lambda a, b, _: (a @ b).astype(np.float16).astype(float) + 2.0**-12,
    "the first element": lambda a, b, _: (a @ b) + (np.arange(len(a) * b.shape[1]).reshape(len(a), -1) == 0),
    "noise": lambda a, b, _: np.random.default_rng(len(a)).normal(size=(len(a), b.shape[1])),
}


@settings(max_examples=200, deadline=None)
@given(
    shape=st.tuples(*[st.integers(1, 5)] * 3),
    library=st.sampled_from(["numpy", "torch"]),
    mistake=st.sampled_from(sorted(SMALL)),
    seed=st.integers(0, 1000),
)
def test_no_size_is_too_small_for_a_diagnosis(
    shape: tuple[int, int, int], library: Any, mistake: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    first, second = matmul.series_calls(rng, Tile(), shapes=(shape, shape), library=library)
    right = [(first, returned(first, first.expect.value))]  # type: ignore[union-attr]
    c = SMALL[mistake](second.expect.a, second.expect.b, second)  # type: ignore[union-attr]

    for earlier in ([], right):
        found = diagnosis(second, c, earlier)
        assert found is None or found.name in NAMES


def test_a_diagnosis_of_64_by_64_by_64_takes_a_moment() -> None:
    call = drawn(CPU, "square", 1)[0]
    value = returned(call, product(call) + np.random.default_rng(1).normal(size=(64, 64)))
    seconds = []
    for _ in range(3):
        start = time.process_time()
        wrong_values(call, call.expect, value, [])  # type: ignore[arg-type]
        seconds.append(time.process_time() - start)

    assert min(seconds) < 0.3, seconds


def test_every_name_has_a_title_a_hint_and_a_section_in_the_documentation() -> None:
    page = (Path(__file__).parents[1] / "docs" / "causes.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### (\S+)\n\n\*\*(.+?)\*\*", page, re.MULTILINE))

    assert sections == {slug: name.title for slug, name in NAMES.items()}
    for slug, name in NAMES.items():
        assert slug == name.slug
        assert name.hint in page.split(f"### {slug}\n")[1].split("\n### ")[0], slug
        assert "!" not in name.title + name.hint


def test_every_name_that_the_sources_use_is_in_the_table() -> None:
    grading = Path(wrong_values.__code__.co_filename).parent
    files = [path for path in (grading / "diagnosis").glob("*.py") if path.name != "names.py"]
    files += [grading / f"{name}.py" for name in ("compare", "explain", "judge", "rules", "submission", "causes")]
    words = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', "".join(path.read_text("utf-8") for path in files)))
    other = {"wrong-result", "not-run", "no-answer", "output-flood", "load-error"} - set(NAMES)  # words of the verdict

    assert {word for word in words if word not in NAMES and word not in other} == set()
