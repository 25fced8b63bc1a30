"""The arithmetic exercises: properties of the reference answers, and figures that others have published."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsys_kernels.course.problems import counting, intensity, roofline, stages
from mlsys_kernels.course.problems.chips import A100, B200, CHIPS, H100, H200, TPU_V5E, Chip, Multiprocessor
from mlsys_kernels.course.spec import Answer, Case, Problem, Tile

size = st.integers(1, 5000)
side = st.sampled_from([16, 32, 64, 128, 256])
peak = st.floats(1e9, 1e16)
bandwidth = st.floats(1e8, 1e13)
GPUS = [chip for chip in CHIPS if chip.sm is not None]


def sm(chip: Chip) -> Multiprocessor:
    assert chip.sm is not None
    return chip.sm


def config(block_m: int, block_n: int, block_k: int, warps: int, pipeline: int) -> dict[str, int]:
    return dict(zip(stages.KEYS, (block_m, block_n, block_k, pipeline, warps), strict=True))


# 02_flops_and_bytes


def test_boehms_figures_for_4096_are_137_gflop_and_268_mb() -> None:
    """Boehm, How to Optimize a CUDA Matmul Kernel, https://siboehm.com/articles/22/CUDA-MMM (he rounds 4092)."""
    assert counting.flops(4092, 4092, 4092) == pytest.approx(137e9, rel=0.005)
    assert counting.compulsory_bytes(4092, 4092, 4092, "float32", "float32", beta=1.0) == pytest.approx(
        268e6, rel=0.005
    )


@given(size, size, size, st.sampled_from([0.0, 0.5, 1.0]))
def test_transposing_a_product_changes_neither_work_nor_traffic(m: int, n: int, k: int, beta: float) -> None:
    assert counting.flops(m, n, k) == counting.flops(n, m, k)
    args = ("bfloat16", "float32", beta)
    assert counting.compulsory_bytes(m, n, k, *args) == counting.compulsory_bytes(n, m, k, *args)


@given(size, size, size)
def test_half_the_bits_are_half_the_bytes(m: int, n: int, k: int) -> None:
    wide, narrow = (counting.compulsory_bytes(m, n, k, dtype, dtype, 0.0) for dtype in ("float16", "int8"))

    assert wide == 2 * narrow


@given(st.integers(1, 5000))
def test_a_square_product_does_n_over_three_flop_per_byte_in_bfloat16(n: int) -> None:
    assert counting.intensity(n, n, n, "bfloat16", "bfloat16", 0.0) == pytest.approx(n / 3)


# 05_tile_intensity


@given(side, side, side, side, st.sampled_from([1, 2, 4, 8]))
def test_bk_cancels(bm: int, bn: int, bk: int, other: int, itemsize: int) -> None:
    assert intensity.tile_intensity(bm, bn, bk, itemsize) == pytest.approx(
        intensity.tile_intensity(bm, bn, other, itemsize)
    )


@given(st.integers(1, 500), st.integers(1, 500))
def test_of_two_tiles_with_the_same_perimeter_the_square_does_more_per_byte(bm: int, bn: int) -> None:
    half = (bm + bn) / 2

    assert intensity.tile_intensity(bm, bn, 32, 2) <= half / 2 * (1 + 1e-12)


@given(size, size, size, st.integers(1, 512), st.integers(1, 512))
def test_tiles_move_at_least_the_compulsory_bytes_and_one_tile_moves_just_those(
    m: int, n: int, k: int, bm: int, bn: int
) -> None:
    least = counting.compulsory_bytes(m, n, k, "float32", "float32", 0.0)

    assert intensity.traffic(m, n, k, bm, bn, 4) >= least
    assert intensity.traffic(m, n, k, m, n, 4) == least


def test_without_reuse_4096_cubed_moves_275_gb() -> None:
    assert intensity.traffic(4096, 4096, 4096, 1, 1, 2) == pytest.approx(275e9, rel=1e-3)


def test_the_largest_tile_in_registers_does_128_flop_per_byte() -> None:
    assert intensity.best_intensity(intensity.REGISTER_FILE, 2) == 128
    assert intensity.best_intensity(intensity.REGISTER_FILE // 2, 2) == pytest.approx(85.333, rel=1e-4)


@pytest.mark.parametrize(("dtype", "itemsize"), [("bfloat16", 2), ("int8", 1)])
def test_no_tile_that_fits_one_sm_reaches_the_ridge_of_its_chip(dtype: str, itemsize: int) -> None:
    best = intensity.best_intensity(intensity.REGISTER_FILE, itemsize)

    assert [chip.name for chip in GPUS if chip.ridge(dtype) <= best] == []
    assert all(sm(chip).tensor_memory <= intensity.REGISTER_FILE for chip in GPUS)


# 11_roofline


@pytest.mark.parametrize(
    ("chip", "published"),
    # Austin et al., How to Scale Your Model, parts 1 and 12, https://jax-ml.github.io/scaling-book/
    [(TPU_V5E, 240), (H100, 295), (H200, 206), (B200, 281)],
    ids=lambda value: getattr(value, "name", value),
)
def test_the_ridges_are_those_of_how_to_scale_your_model(chip: Chip, published: int) -> None:
    assert round(chip.ridge("bfloat16")) == published


@given(peak, bandwidth)
def test_at_the_ridge_both_times_are_equal(peak: float, bandwidth: float) -> None:
    moved = 1e9
    flops = roofline.ridge(peak, bandwidth) * moved

    assert flops / peak == pytest.approx(moved / bandwidth)


@given(st.floats(1, 1e18), st.floats(1, 1e15), peak, bandwidth)
def test_no_work_is_faster_than_either_limit_nor_slower_than_both_in_turn(
    flops: float, moved: float, peak: float, bandwidth: float
) -> None:
    seconds = roofline.least_time(flops, moved, peak, bandwidth)

    assert flops / seconds <= peak * (1 + 1e-12)
    assert moved / seconds <= bandwidth * (1 + 1e-12)
    assert seconds <= flops / peak + moved / bandwidth
    limit = {"compute": flops / peak, "memory": moved / bandwidth}[roofline.bound(flops, moved, peak, bandwidth)]
    assert limit == seconds


@given(st.integers(64, 20_000), st.integers(64, 20_000), st.sampled_from([1, 2, 4]), st.sampled_from([1, 2, 4]))
def test_the_bound_changes_at_the_break_even_m_or_never(n: int, k: int, activation: int, weight: int) -> None:
    chip_peak, speed = H200.peak["bfloat16"], H200.bandwidth

    def bound(m: float) -> str:
        return roofline.bound(2 * m * n * k, activation * m * (n + k) + weight * n * k, chip_peak, speed)

    m = roofline.break_even_m(n, k, activation, weight, chip_peak, speed)
    if math.isinf(m):
        assert bound(1e12) == "memory"
    else:
        assert (bound(m * 0.9999), bound(m * 1.0001)) == ("memory", "compute")


def test_the_published_critical_batches_of_how_to_scale_your_model() -> None:
    """Part 1: B > 240; its problem 2: B > 120 with int8 weights; problem 1: as before where int8 is multiplied."""
    bf16, int8, speed = TPU_V5E.peak["bfloat16"], TPU_V5E.peak["int8"], TPU_V5E.bandwidth
    large = 10**9

    assert roofline.break_even_m(large, large, 2, 2, bf16, speed) == pytest.approx(240, rel=0.005)
    assert roofline.break_even_m(large, large, 2, 1, bf16, speed) == pytest.approx(120, rel=0.005)
    assert roofline.break_even_m(large, large, 1, 1, int8, speed) == pytest.approx(240, rel=0.005)


def test_small_layers_need_a_larger_batch() -> None:
    """Problem 3 of the same part, int8 weights and bfloat16 activations: the critical batch almost doubles."""
    at = {n: roofline.break_even_m(n, n, 2, 1, TPU_V5E.peak["bfloat16"], TPU_V5E.bandwidth) for n in (4096, 1024)}

    assert {n: round(m) for n, m in at.items()} == {4096: 136, 1024: 226}


def test_activations_move_the_break_even_on_an_h200_from_206_to_229() -> None:
    m = roofline.break_even_m(4096, 4096, 2, 2, H200.peak["bfloat16"], H200.bandwidth)

    assert (round(H200.ridge("bfloat16")), round(m)) == (206, 229)


# The table of chips


@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.name)
def test_every_chip_names_its_source_and_multiplies_int8_twice_as_fast(chip: Chip) -> None:
    assert "https://" in chip.source
    assert chip.sm is None or "https://" in chip.sm.source
    assert chip.peak["int8"] == pytest.approx(2 * chip.peak["bfloat16"], rel=1e-3)


# 25_stages_and_warps: what Triton 3.7.1 compiled ahead of time (see the docstring of stages.py)

COMPILED = [
    (A100, config(128, 128, 64, 8, 4), 98_304),
    (A100, config(128, 256, 64, 8, 4), 147_456),
    (A100, config(128, 256, 64, 8, 5), 196_608),
    (A100, config(128, 128, 128, 8, 3), 131_072),
    *((H100, config(128, 128, 64, 8, count), 32_768 * count) for count in range(1, 6)),
    (H100, config(128, 256, 64, 8, 4), 196_608),
    (H100, config(128, 256, 64, 8, 5), 245_760),
    (H100, config(256, 128, 16, 8, 3), 36_864),
    (B200, config(128, 128, 64, 4, 3), 98_320),
    (B200, config(256, 256, 64, 8, 3), 196_624),
    (B200, config(128, 256, 64, 8, 5), 245_776),
]
SPILLED = [
    (A100, config(128, 256, 64, 4, 3)),
    (A100, config(256, 256, 32, 16, 3)),
    (H100, config(128, 256, 64, 4, 3)),
    (H100, config(256, 256, 32, 8, 3)),
    (H100, config(128, 512, 32, 8, 3)),
    (B200, config(256, 256, 32, 4, 3)),
    (B200, config(128, 512, 32, 4, 3)),
    (B200, config(256, 512, 16, 8, 3)),  # more columns of tensor memory than there are
]
CLEAN = [
    (A100, config(128, 128, 64, 4, 3)),
    (A100, config(128, 256, 64, 8, 3)),
    (A100, config(128, 256, 32, 16, 4)),
    (H100, config(128, 128, 64, 4, 3)),
    (H100, config(256, 128, 64, 8, 4)),
    (H100, config(128, 256, 32, 32, 3)),
    (B200, config(128, 256, 64, 4, 3)),
    (B200, config(128, 512, 32, 8, 3)),
    (B200, config(256, 256, 64, 8, 3)),
]
FELL_BACK = [
    (H100, config(128, 128, 64, 2, 3)),
    (B200, config(128, 128, 64, 1, 3)),
    (B200, config(128, 128, 64, 2, 3)),
    (B200, config(128, 128, 64, 16, 3)),
]


@pytest.mark.parametrize(("chip", "chosen", "compiled"), COMPILED)
def test_shared_memory_is_what_the_compiler_takes(chip: Chip, chosen: dict[str, int], compiled: int) -> None:
    assert stages.shared_bytes(sm(chip), chosen) == compiled
    refused = stages.fits_shared_memory(sm(chip), chosen) is not None
    assert refused == (compiled > sm(chip).shared_per_program)


@pytest.mark.parametrize(("chip", "chosen"), SPILLED)
def test_a_configuration_that_spilled_by_hundreds_of_bytes_is_refused(chip: Chip, chosen: dict[str, int]) -> None:
    assert stages.no_spill(sm(chip), chosen) is not None


@pytest.mark.parametrize(("chip", "chosen"), CLEAN)
def test_a_configuration_that_compiled_without_a_spill_is_accepted(chip: Chip, chosen: dict[str, int]) -> None:
    rules = (stages.no_spill, stages.tensor_core, stages.enough_reuse, stages.enough_stages, stages.fits_shared_memory)

    assert [stages.judge(sm(chip), rule, chosen) for rule in rules] == [None] * len(rules)


@pytest.mark.parametrize(("chip", "chosen"), FELL_BACK)
def test_a_configuration_that_fell_back_to_mma_sync_is_refused(chip: Chip, chosen: dict[str, int]) -> None:
    assert stages.tensor_core(sm(chip), chosen) is not None


@given(
    st.dictionaries(
        st.sampled_from([*stages.KEYS, "num_ctas"]),
        st.integers(-1, 1 << 900)
        | st.sampled_from([16, 64, 128])
        | st.none()
        | st.booleans()
        | st.floats()
        | st.text(),
    )
    | st.none()
    | st.lists(st.integers(), max_size=3)
)
def test_whatever_configuration_comes_back_gets_a_verdict(value: object) -> None:
    for rule in (stages.no_spill, stages.fits_shared_memory, stages.enough_reuse, stages.tensor_core):
        stages.judge(sm(H100), rule, value)

    well_formed = isinstance(value, dict) and set(value) == set(stages.KEYS)
    assert well_formed or stages.judge(sm(H100), None, value) is not None


# All of them


@pytest.mark.parametrize("problem", [counting.PROBLEM, intensity.PROBLEM, roofline.PROBLEM], ids=lambda p: p.name)
def test_every_answer_has_a_unit_a_reason_and_arguments_that_travel_as_json(problem: Problem) -> None:
    for case in problem.cases:
        for call in case.calls(np.random.default_rng(11), Tile()):
            assert isinstance(call.expect, Answer)
            assert call.expect.because
            assert call.expect.unit or isinstance(call.expect.value, str)
            assert json.loads(json.dumps(call.args)) == list(call.args)
            assert any(line.startswith(f"{call.function}(") for line in problem.entry)


@given(st.integers(0, 2**32))
def test_both_bounds_are_asked_for_and_no_work_lies_on_the_ridge(seed: int) -> None:
    asked = _calls(roofline.PROBLEM, "which_bound", seed)

    assert {answer.value for _, answer in asked} == {"compute", "memory"}
    for (flops, moved, peak, bandwidth), _ in asked:
        assert flops / moved != pytest.approx(roofline.ridge(peak, bandwidth), rel=1e-3)


def _calls(problem: Problem, name: str, seed: int) -> list[tuple[tuple[float, ...], Answer]]:
    case: Case = next(case for case in problem.cases if case.name == name)
    calls = case.calls(np.random.default_rng(seed), Tile())
    return [(call.args, call.expect) for call in calls if isinstance(call.expect, Answer)]


def test_the_statement_of_25_lists_the_sizes_that_are_judged() -> None:
    statement = (Path(__file__).parents[1] / "exercises" / "25_stages_and_warps.py").read_text(encoding="utf-8")

    assert all(key in statement for key in (*stages.KEYS, *stages.limits(A100, sm(A100))))
