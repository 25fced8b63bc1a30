"""11 roofline: which of the two limits, arithmetic or memory, decides how long a matrix product takes at the least.

A chip does at most `peak` FLOP/s and moves at most `bandwidth` byte/s, and it can do both at the same time, so work of
F operations and Q bytes takes at least max(F / peak, Q / bandwidth) seconds (Williams, Waterman, Patterson, "Roofline:
An Insightful Visual Performance Model", CACM 52(4), 2009, https://doi.org/10.1145/1498765.1498785). Bytes are
compulsory: each operand read once, the output written once.
"""

import math

import numpy as np

from mlsys_kernels.course.problems.chips import CHIPS, H100, H200, TPU_V5E, Chip
from mlsys_kernels.course.spec import Answer, Call, Case, Problem, Tile


def ridge(peak: float, bandwidth: float) -> float:
    """FLOP per byte at which both limits give the same time."""
    return peak / bandwidth


def least_time(flops: float, moved: float, peak: float, bandwidth: float) -> float:
    """Seconds that the work takes at the least: the slower of the two decides, the other one hides behind it."""
    return max(flops / peak, moved / bandwidth)


def bound(flops: float, moved: float, peak: float, bandwidth: float) -> str:
    """Which limit decides: "compute" or "memory"."""
    return "compute" if flops / peak > moved / bandwidth else "memory"


def break_even_m(
    n: int, k: int, activation_itemsize: float, weight_itemsize: float, peak: float, bandwidth: float
) -> float:
    """The M at which both times are equal, for activations (M, K), weights (K, N) and an output (M, N).

    2 M N K / peak = (activation_itemsize (M K + M N) + weight_itemsize K N) / bandwidth, solved for M. Infinite where
    the activations alone already take longer than the arithmetic.
    """
    r = ridge(peak, bandwidth)
    per_row = 2 * n * k - activation_itemsize * r * (n + k)
    return weight_itemsize * r * n * k / per_row if per_row > 0 else math.inf


_SPARSE = (
    "2:4 sparsity skips half of the multiplications, so the footnote's figure counts operations that are never done: a "
    "dense product reaches at most half of it; 1 TFLOP/s is 1e12 FLOP/s"
)
_RIDGE = (
    "F / peak and Q / bandwidth are equal when F / Q, in FLOP per byte, is peak / bandwidth; a fast memory lowers the "
    "ridge"
)
_MAX = (
    "arithmetic and memory work at the same time, so the shorter one hides behind the longer one: their times are not "
    "added"
)
_BOUND = "compare the two times: the longer one is the limit, and its name is the answer"
_OWN = "peak and bandwidth are arguments: a laptop has other figures than an accelerator, and the same formula"
_ACTIVATIONS = (
    "M appears on both sides: each row adds 2 N K operations, and also its own K + N activations to the bytes; set the "
    "two times equal and solve for M"
)
_WEIGHTS = (
    "with N and K this large the weights are nearly all of the bytes: each is read once, for 2 * M operations, so the "
    "break-even M is the ridge times the bytes per weight, divided by 2"
)
_QUANTIZED = (
    "weights and activations have sizes of their own, and the arithmetic runs at the peak of the type that is "
    "multiplied: int8 weights for bfloat16 arithmetic halve the bytes, but not the time of the arithmetic"
)
_NEVER = (
    "each further row costs more time in memory, activation_itemsize * (N + K) / bandwidth, than in arithmetic, "
    "2 N K / peak: no M is large enough, so the answer is math.inf"
)


def _peak_calls(chip: Chip) -> tuple[Call, ...]:
    """The data sheet's figure, in TFLOP/s, dense and, where the chip has it, with sparsity."""
    dense = chip.peak["bfloat16"]
    calls = [Call("dense_peak", (dense / 1e12, False), Answer(dense, "FLOP/s", _SPARSE))]
    if chip.sparse:
        calls.append(Call("dense_peak", (2 * dense / 1e12, True), Answer(dense, "FLOP/s", _SPARSE)))
    return tuple(calls)


def _ridge_call(chip: Chip, dtype: str) -> Call:
    args = (chip.peak[dtype], chip.bandwidth)
    return Call("ridge", args, Answer(ridge(*args), "FLOP/byte", _RIDGE))


def _matmul(m: int, n: int, k: int, itemsize: int = 2) -> tuple[int, int]:
    """Operations and compulsory bytes."""
    return 2 * m * n * k, (m * k + k * n + m * n) * itemsize


def _time_call(work: tuple[float, float], peak: float, bandwidth: float, because: str = _MAX) -> Call:
    args = (*work, peak, bandwidth)
    return Call("least_time", args, Answer(least_time(*args), "s", because))


def _bound_call(work: tuple[float, float], peak: float, bandwidth: float, because: str = _BOUND) -> Call:
    args = (*work, peak, bandwidth)
    return Call("bound", args, Answer(bound(*args), "", because))


def _break_even(chip: Chip, n: int, k: int, activation: int, weight: int, dtype: str, because: str) -> Call:
    args = (n, k, activation, weight, chip.peak[dtype], chip.bandwidth)
    return Call("break_even_m", args, Answer(break_even_m(*args), "rows", because))


def _sparse(_rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    return tuple(call for chip in CHIPS for call in _peak_calls(chip))


def _ridges(_rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    return tuple(_ridge_call(chip, dtype) for chip in CHIPS for dtype in ("bfloat16", "int8"))


def _times(rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    # Near the ridge, where adding the two times is wrong by almost a factor of two.
    return tuple(
        _time_call(_matmul(int(rng.integers(150, 400)), 4096, 4096), chip.peak["bfloat16"], chip.bandwidth)
        for chip in CHIPS
    )


def _bounds(rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    shapes = ((1, 4096, 4096), (4096, 4096, 4096), (int(rng.integers(8, 64)), 8192, 8192))
    return tuple(
        _bound_call(_matmul(*shape), chip.peak["bfloat16"], chip.bandwidth)
        for chip in (H100, H200, TPU_V5E)
        for shape in shapes
    )


def _own_machine(rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    # A laptop: some 10 to 1,000 GFLOP/s in float32, 5 to 100 GB/s.
    calls = []
    for side in (16, 2048):
        peak, bandwidth = float(10 ** rng.uniform(10, 12)), float(10 ** rng.uniform(9.7, 11))
        work = _matmul(side, side, side, 4)
        calls += [
            Call("ridge", (peak, bandwidth), Answer(ridge(peak, bandwidth), "FLOP/byte", _OWN)),
            _time_call(work, peak, bandwidth, _OWN),
            _bound_call(work, peak, bandwidth, _OWN),
        ]
    return tuple(calls)


def _activations(rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    n, k = (int(64 * size) for size in rng.integers(32, 200, 2))
    shapes = ((H200, 4096, 4096), (TPU_V5E, 4096, 4096), (TPU_V5E, 1024, 1024), (H100, n, k))
    return tuple(_break_even(chip, n, k, 2, 2, "bfloat16", _ACTIVATIONS) for chip, n, k in shapes)


def _weights(_rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    return tuple(_break_even(chip, 10**9, 10**9, 2, 2, "bfloat16", _WEIGHTS) for chip in (TPU_V5E, H100))


def _quantized(_rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    return (
        _break_even(TPU_V5E, 10**9, 10**9, 2, 1, "bfloat16", _QUANTIZED),
        _break_even(TPU_V5E, 10**9, 10**9, 1, 1, "int8", _QUANTIZED),
        _break_even(H100, 8192, 4096, 2, 1, "bfloat16", _QUANTIZED),
    )


def _never(_rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    return tuple(_break_even(chip, 256, side, 2, 2, "bfloat16", _NEVER) for chip in (H100, H200) for side in (128, 256))


PROBLEM = Problem(
    "roofline",
    (
        "dense_peak(tflops, with_sparsity)",
        "ridge(peak, bandwidth)",
        "least_time(flops, moved, peak, bandwidth)",
        "bound(flops, moved, peak, bandwidth)",
        "break_even_m(n, k, activation_itemsize, weight_itemsize, peak, bandwidth)",
    ),
    (
        Case("sparse_peak", "the data sheet's figure with sparsity taken for the dense peak", _sparse),
        Case("ridge_upside_down", "byte per FLOP in place of FLOP per byte", _ridges),
        Case("max_not_sum", "the two times added, as if nothing overlapped", _times),
        Case("which_bound", "compute and memory exchanged", _bounds),
        Case("this_machine", "figures of one chip written into the formula", _own_machine),
        Case("activations_counted", "only the weights counted: the ridge taken for the break-even M", _activations),
        Case("weights_alone", "a formula that is wrong even where the weights are everything", _weights),
        Case("quantized_weights", "one element size for weights and activations", _quantized),
        Case("small_layer_never", "a negative or a huge M where no M is enough", _never),
    ),
)
