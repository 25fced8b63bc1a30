"""The one small call of each exercise whose accesses `mlk trace` draws, and why some exercises have none.

Operands are float32 and small enough that each tile is a few characters wide. Size constants of the file are set as
its technique check sets them, or smaller.
"""

from collections.abc import Mapping

import numpy as np

from mlsys_kernels.course.problems.epilogue import expected_layer
from mlsys_kernels.course.problems.lines import cache, calls
from mlsys_kernels.course.problems.matmul import expected_product
from mlsys_kernels.course.problems.operands import exact_pair, operand
from mlsys_kernels.course.spec import Call, Case, Exercise, Matrix, Tile

WAVE = 9
"""Programs that run side by side: 3 x 3 tiles if their order is a good one."""

NO_KERNEL = {
    "02_flops_and_bytes": "is arithmetic: no kernel runs. `mlk trace 01` draws the bytes that it counts",
    "03_honest_timer": "times a device that is only played: no memory is touched. `mlk bench 01` times a real kernel",
    "05_tile_intensity": "is arithmetic: no kernel runs. `mlk trace 06` draws what a tile saves",
    "11_roofline": "is arithmetic: no kernel runs. `mlk trace 21` tells a kernel's FLOP per byte",
    "25_stages_and_warps": "chooses options: no kernel runs. `mlk inspect 21 --what-if num_stages=4` shows them",
}

_CPU = (48, 48, 48)
_SHAPES = {"20_program_ids": (24, 96, 8), "24_grouped_order": (96, 96, 32)}
_SIZES = {"20_program_ids": {"BLOCK_N": 32}, "24_grouped_order": {"GROUP_M": 3}}
_BLOCK = 16


def model(exercise: Exercise) -> Mapping[str, int | None]:
    """The measures that the counter gets: of the exercise's own check, or of a cache that holds three 16 x 16 tiles."""
    if exercise.needs == "triton":
        return {"wave": WAVE, "maps": True}
    check = _check(exercise)
    return cache(48) if check is None or check.technique is None else check.technique.model


def made(exercise: Exercise, rng: np.random.Generator, tile: Tile) -> tuple[Call, ...]:
    """The call, with fresh values."""
    return _triton_calls(exercise, rng) if exercise.needs == "triton" else _cpu_calls(exercise, rng, tile)


def _check(exercise: Exercise) -> Case | None:
    """The technique check that counts accesses."""
    return next((case for case in exercise.technique if case.run == "traffic"), None)


def _cpu_calls(exercise: Exercise, rng: np.random.Generator, tile: Tile) -> tuple[Call, ...]:
    """One product of 48 x 48 x 48, with the sizes of the exercise's own check."""
    check = _check(exercise)
    sizes = check.calls(np.random.default_rng(0), tile)[0].sizes if check is not None else {}
    return calls(rng, tile, shape=_CPU, sizes=(sizes,))


def _triton_calls(exercise: Exercise, rng: np.random.Generator) -> tuple[Call, ...]:
    """One call of the function whose kernel is the exercise's: a product, a copy, or a layer."""
    m, n, k = _SHAPES.get(exercise.slug, (64, 64, 64))
    sizes = dict.fromkeys(exercise.tiles.values(), _BLOCK) | _SIZES.get(exercise.slug, {})
    a, b = exact_pair(rng, m, n, k, "float32")
    x, y = (operand(each, "float32", "C", "torch") for each in (a, b))
    if exercise.slug == "23_coalescing":  # a copy is a product with the identity
        return (Call("copy", (x,), Matrix(a, "float32", "torch", None, a, np.eye(k)), sizes),)
    if exercise.slug == "27_fused_epilogue":
        bias = rng.integers(-4095, 4096, n).astype(np.float64) * 2.0**-6
        args = (x, y, operand(bias, "float32", "C", "torch"))
        return (Call("matmul_bias_relu", args, expected_layer(a, b, bias, "float32", exact=True), sizes),)
    # 26: its matmul leaves a CPU's operands to numba; the tile map that is its point is the Triton kernel's.
    function = "matmul_triton" if exercise.slug == "26_dispatch" else "matmul"
    return (Call(function, (x, y), expected_product(a, b, "float32", "torch", exact=True), sizes),)
