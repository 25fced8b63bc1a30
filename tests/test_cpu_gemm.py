"""The CPU kernel alone: every shape, stride and overlap, bit for bit where the inputs make the sum exact."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsys_kernels.course.problems.operands import UNIT_ROUNDOFF, encode, exact_pair, rounded_normal
from mlsys_kernels.kernels import cpu_gemm
from mlsys_kernels.kernels.cpu_gemm import KC, MC, MR, NC, NR, gemm

sizes = st.integers(0, 40)
seeds = st.integers(0, 2**32 - 1)
dtypes = st.sampled_from(["float16", "float32", "float64"])
layouts = st.tuples(st.sampled_from([1, 2, -1, -3]), st.sampled_from([1, 2, -1, -3]), st.booleans())
few = settings(max_examples=80)


def lay_out(values, layout):
    """The same values as a view of a larger buffer of NaN: strided, reversed, transposed. Returns (buffer, view)."""
    down, right, transposed = layout
    stored = values.T if transposed else values
    rows, cols = stored.shape
    buffer = np.full((2 + rows * abs(down), 2 + cols * abs(right)), np.nan, values.dtype)
    view = buffer[1 : 1 + rows * abs(down), 1 : 1 + cols * abs(right)][::down, ::right]
    view[...] = stored
    return buffer, (view.T if transposed else view)


def exact_operands(seed, m, n, k, dtype):
    """A, B as `dtype`, and their product, which every order of summation must give bit for bit."""
    a, b = exact_pair(np.random.default_rng(seed), m, n, k, dtype, "ab"[seed % 2])
    return encode(a, dtype), encode(b, dtype), encode(a @ b, dtype)


@few
@given(sizes, sizes, sizes, dtypes, layouts, layouts, layouts, seeds)
def test_any_shape_and_any_strides_give_the_exact_product(m, n, k, dtype, of_a, of_b, of_c, seed):
    a, b, product = exact_operands(seed, m, n, k, dtype)
    buffer, c = lay_out(np.full((m, n), np.nan, dtype), of_c)
    gemm(lay_out(a, of_a)[1], lay_out(b, of_b)[1], c)
    np.testing.assert_array_equal(c, product)
    untouched = np.count_nonzero(np.isnan(buffer))
    assert untouched == buffer.size - c.size, "something was written beside c"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("by", [-1, 0, 1])
@pytest.mark.parametrize(("m", "n", "k"), [(MC, NR, KC), (2 * MC, NC, 3), (MR, 2 * NC, 2 * KC), (3 * MC, NC, KC)])
def test_one_off_a_block_in_every_direction_is_exact(m, n, k, by, dtype):
    a, b, product = exact_operands(m + by, m + by, n + by, k + by, dtype)
    c = np.full(product.shape, np.nan, dtype)
    gemm(a, b, c)
    np.testing.assert_array_equal(c, product)


@few
@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 12), st.data())
def test_an_output_that_shares_memory_with_the_operands_still_gets_their_old_product(m, n, k, data):
    buffer = np.random.default_rng(0).integers(-9, 10, (16, 16)).astype(np.float32)

    def window(rows, cols):
        top, left = data.draw(st.integers(0, 16 - rows)), data.draw(st.integers(0, 16 - cols))
        return (buffer.T if data.draw(st.booleans()) else buffer)[top : top + rows, left : left + cols]

    a, b, c = window(m, k), window(k, n), window(m, n)
    expected, before = a @ b, buffer.copy()
    mine = np.zeros_like(buffer, dtype=bool)
    place = (c.ctypes.data - buffer.ctypes.data) // 4
    np.lib.stride_tricks.as_strided(mine.reshape(-1)[place:], c.shape, [stride // 4 for stride in c.strides])[:] = True
    gemm(a, b, c)
    np.testing.assert_array_equal(c, expected)
    np.testing.assert_array_equal(buffer[~mine], before[~mine])


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("k", [1, 100, KC + 17])
def test_normal_values_stay_within_the_bound_of_a_sum_of_k_products(dtype, k):
    rng = np.random.default_rng(k)
    a, b = rounded_normal(rng, (19, k), dtype), rounded_normal(rng, (k, 23), dtype)
    c = np.empty((19, 23), dtype)
    gemm(a.astype(dtype), b.astype(dtype), c)
    exact = a @ b  # in float64
    bound = (k + 2) * UNIT_ROUNDOFF["float32"] * (np.abs(a) @ np.abs(b))
    if dtype == "float16":
        bound += UNIT_ROUNDOFF["float16"] * np.abs(exact)
    assert (np.abs(c - exact) <= bound).all()


@few
@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 20), st.sampled_from(["float32", "float64"]), st.data())
def test_nan_and_infinity_spread_as_the_definition_says(m, n, k, dtype, data):
    rng = np.random.default_rng(m + n + k)
    a, b = rng.integers(-2, 3, (m, k)).astype(dtype), rng.integers(-2, 3, (k, n)).astype(dtype)
    for matrix in (a, b):
        for _ in range(data.draw(st.integers(0, 3))):
            place = data.draw(st.integers(0, matrix.size - 1))
            matrix.flat[place] = data.draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    expected, c = np.zeros((m, n), dtype), np.empty((m, n), dtype)
    with np.errstate(invalid="ignore"):
        for p in range(k):
            expected += np.outer(a[:, p], b[p])
    gemm(a, b, c)
    np.testing.assert_array_equal(c, expected)


def test_a_float16_sum_beyond_the_largest_float16_is_infinite_without_a_warning():
    a, c = np.full((3, 4), 256, np.float16), np.empty((3, 3), np.float16)
    gemm(a, a.T, c)
    assert np.isposinf(c).all()


def test_unaligned_arrays_are_multiplied_too():
    def unaligned(values):
        view = np.empty(values.nbytes + 1, np.uint8)[1:].view(values.dtype).reshape(values.shape)
        view[...] = values
        return view

    a, b, product = exact_operands(1, 9, 10, 11, "float64")
    c = unaligned(np.zeros((9, 10)))
    gemm(unaligned(a), unaligned(b), c)
    np.testing.assert_array_equal(c, product)


def test_eight_threads_at_once_do_not_disturb_each_other():
    cpu_gemm._compiled.cache_clear()  # so that all eight ask for the compiled kernel at the same time
    start, wrong = threading.Barrier(8), []

    def work(seed):
        a, b, product = exact_operands(seed, 40 + seed, 60 - seed, 2 * KC + seed, "float32")
        c = np.empty_like(product)
        start.wait()
        for _ in range(20):
            c[...] = np.nan
            gemm(a, b, c)
            if not np.array_equal(c, product):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_every_layout_uses_the_same_compiled_code():
    a = np.ones((6, 6))
    for x in (a, a.T, a[::-2, ::-2], np.broadcast_to(a, (6, 6))):
        gemm(x, x.T, np.empty((len(x), len(x))))
    assert {array.layout for signature in cpu_gemm.macro_kernel.signatures for array in signature} == {"A"}


def test_a_folder_that_cannot_be_written_costs_the_cache_and_nothing_else(monkeypatch):
    def refuse():
        raise RuntimeError("cannot cache function: no locator available")

    cpu_gemm._compiled.cache_clear()
    monkeypatch.setattr(cpu_gemm.macro_kernel, "enable_caching", refuse)
    a, b, product = exact_operands(1, 3, 4, 5, "float64")
    c = np.empty_like(product)
    gemm(a, b, c)
    np.testing.assert_array_equal(c, product)
