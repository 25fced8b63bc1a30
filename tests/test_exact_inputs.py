"""Exact inputs give the same bits in every legal order of summation, and no shortcut in precision survives them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mlsys_kernels.course.problems import matmul
from mlsys_kernels.course.problems.operands import Layout, decode, encode, exact_pair, operand
from mlsys_kernels.course.spec import DType, Large, Matrix, Tile
from mlsys_kernels.grading.answers import Returned
from mlsys_kernels.grading.compare import wrong_elements

sizes = st.integers(1, 24)
seeds = st.integers(0, 2**32 - 1)


def product(seed: int, m: int, n: int, k: int, dtype: DType = "float32") -> tuple[Matrix, NDArray, NDArray]:
    a, b = exact_pair(np.random.default_rng(seed), m, n, k, dtype, "ab"[seed % 2])  # type: ignore[arg-type]
    return matmul.expected_product(a, b, dtype, "numpy", exact=True), a, b


def accepted(expect: Matrix, c: NDArray) -> bool:
    return not wrong_elements(expect, Returned("numpy", expect.dtype, c.shape, c)).any()


@settings(max_examples=50)
@given(seeds, sizes, sizes, st.integers(1, 200))
def test_every_order_of_summation_in_float32_is_accepted(seed: int, m: int, n: int, k: int) -> None:
    expect, a, b = product(seed, m, n, k)
    short_a, short_b = a.astype(np.float32), b.astype(np.float32)
    c = np.zeros((m, n), np.float32)
    for p in np.random.default_rng(seed).permutation(k):
        c += np.outer(short_a[:, p], short_b[p])

    assert accepted(expect, c)
    assert accepted(expect, short_a @ short_b)
    assert accepted(expect, (a @ b).astype(np.float32))


def strassen(a: NDArray, b: NDArray) -> NDArray:
    n = len(a) // 2
    if n < 4:
        return a @ b
    (a11, a12), (a21, a22) = (a[:n, :n], a[:n, n:]), (a[n:, :n], a[n:, n:])
    (b11, b12), (b21, b22) = (b[:n, :n], b[:n, n:]), (b[n:, :n], b[n:, n:])
    p1, p2 = strassen(a11 + a22, b11 + b22), strassen(a21 + a22, b11)
    p3, p4 = strassen(a11, b12 - b22), strassen(a22, b21 - b11)
    p5, p6, p7 = strassen(a11 + a12, b22), strassen(a21 - a11, b11 + b12), strassen(a12 - a22, b21 + b22)
    return np.block([[p1 + p4 - p5 + p7, p3 + p5], [p2 + p4, p1 - p2 + p3 + p6]])


def test_strassen_and_kahan_are_accepted() -> None:
    expect, a, b = product(3, 64, 64, 64)
    a, b = a.astype(np.float32), b.astype(np.float32)
    total, lost = np.zeros((64, 64), np.float32), np.zeros((64, 64), np.float32)
    for k in range(64):
        term = np.outer(a[:, k], b[k]) - lost
        new = total + term
        total, lost = new, (new - total) - term

    assert accepted(expect, strassen(a, b))
    assert accepted(expect, total)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_rounding_the_operands_to_a_short_type_is_seen(dtype: DType) -> None:
    for seed in range(10):
        expect, a, b = product(seed, 16, 16, 32)
        short = decode(encode(a, dtype), dtype) @ decode(encode(b, dtype), dtype)

        assert not accepted(expect, short.astype(np.float32))


def test_tf32_operands_are_seen() -> None:
    for seed in range(10):
        expect, a, b = product(seed, 16, 16, 32)
        cut = [(x.astype(np.float32).view(np.uint32) & 0xFFFFE000).view(np.float32) for x in (a, b)]

        assert not accepted(expect, cut[0] @ cut[1])


def test_a_float16_sum_of_float16_operands_is_seen() -> None:
    expect, a, b = product(0, 16, 16, 256, "float16")
    c = np.zeros((16, 16), np.float16)
    for k in range(256):
        c += np.outer(a[:, k], b[k]).astype(np.float16)

    assert not accepted(expect, c)
    assert accepted(expect, (a.astype(np.float32) @ b.astype(np.float32)).astype(np.float16))


@settings(max_examples=50)
@given(seeds, sizes, sizes, st.integers(1, 60), st.data())
def test_one_missing_term_is_seen_in_every_element_that_it_belongs_to(
    seed: int, m: int, n: int, k: int, data: st.DataObject
) -> None:
    expect, a, b = product(seed, m, n, k)
    p = data.draw(st.integers(0, k - 1))
    term = np.outer(a[:, p], b[p])
    wrong = wrong_elements(expect, Returned("numpy", "float32", (m, n), (a @ b - term).astype(np.float32)))

    np.testing.assert_array_equal(wrong, term != 0)


def test_real_values_are_judged_by_the_bound_of_the_accumulator() -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((128, 128)).astype(np.float32).astype(float) for _ in range(2))
    expect = matmul.expected_product(a, b, "float32", "numpy", exact=False)

    assert accepted(expect, a.astype(np.float32) @ b.astype(np.float32))
    assert not accepted(expect, (a.astype(np.float16) @ b.astype(np.float16)).astype(np.float32))
    off = (a @ b).astype(np.float32)
    off[3, 5] += 1e-3 * (np.abs(a) @ np.abs(b))[3, 5]
    assert not accepted(expect, off)


@settings(max_examples=100)
@given(seeds, sizes, sizes, st.sampled_from(["C", "F", "padded", "reversed"]),
       st.sampled_from(["float16", "bfloat16", "float32", "float64"]))  # fmt: skip
def test_an_operand_holds_its_values_whatever_its_layout(
    seed: int, rows: int, cols: int, layout: Layout, dtype: DType
) -> None:
    values = decode(encode(np.random.default_rng(seed).standard_normal((rows, cols)), dtype), dtype)
    stored = operand(values, dtype, layout)

    np.testing.assert_array_equal(stored.values, values)
    assert np.isnan(decode(stored.buffer, dtype)).sum() == stored.buffer.size - values.size


def test_every_case_of_a_problem_draws_what_it_says() -> None:
    for case in matmul.CPU.cases:
        for call in case.calls(np.random.default_rng(0), Tile(5, 6, 7)):
            a, b = call.args
            assert isinstance(call.expect, Matrix | Large)
            assert call.expect.shape == (a.shape[0], b.shape[1])
            np.testing.assert_array_equal(call.expect.a, a.values)
