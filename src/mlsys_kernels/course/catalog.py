"""THE COURSE: one row per exercise, in the order in which they are taken.

Adding an exercise is its two files, one row here, and its mutants in tests/mutants/.
"""

from mlsys_kernels.course.problems import (
    coalescing,
    compiled,
    counting,
    dispatch,
    epilogue,
    intensity,
    launches,
    lines,
    matmul,
    matmul_triton,
    roofline,
    stages,
    tile_order,
    timer,
)
from mlsys_kernels.course.spec import Exercise

TILE = {"m": "TILE", "n": "TILE", "k": "TILE"}
REGISTERS = {"m": "MR", "n": "NR"}
BLOCK = {"m": "BLOCK_M", "n": "BLOCK_N", "k": "BLOCK_K"}

CATALOG: tuple[Exercise, ...] = (
    Exercise(
        "01_naive",
        "the definition: three loops",
        matmul.CPU,
        "numba",
        lines=6,
        speedup_over="python",
        speedup_n=64,
    ),
    Exercise(
        "02_flops_and_bytes",
        "counting work and compulsory traffic",
        counting.PROBLEM,
        "numpy",
        lines=5,
        own_product=False,
    ),
    Exercise(
        "03_honest_timer", "timing a device that does not wait", timer.PROBLEM, "numpy", lines=9, own_product=False
    ),
    Exercise(
        "04_loop_order",
        "stride-1 innermost loop",
        matmul.CPU,
        "numba",
        lines=7,
        speedup_over="01_naive",
        largest_n=2048,
        technique=(lines.LOOP_ORDER,),
    ),
    Exercise("05_tile_intensity", "FLOP per byte of a tile", intensity.PROBLEM, "numpy", lines=10, own_product=False),
    Exercise(
        "06_tiled",
        "reuse in cache",
        matmul.CPU,
        "numba",
        lines=10,
        tiles=TILE,
        speedup_over="04_loop_order",
        largest_n=2048,
        technique=(lines.TILED,),
    ),
    Exercise(
        "07_vectorized",
        "why the compiler does not vectorize, and fastmath's flags",
        matmul.CPU,
        "numba",
        lines=9,
        tiles=TILE,
        speedup_over="06_tiled",
        largest_n=2048,
        technique=(lines.VECTORIZED, compiled.VECTOR_CODE),
    ),
    Exercise(
        "08_register_tile",
        "MR x NR outer products in registers",
        matmul.CPU,
        "numba",
        lines=10,
        tiles=REGISTERS,
        speedup_over="07_vectorized",
        largest_n=2048,
        technique=(compiled.REGISTER_CODE,),
    ),
    Exercise(
        "09_parallel",
        "prange over tiles of C; the race over K",
        matmul.CPU,
        "numba",
        lines=7,
        tiles={"m": "TILE", "n": "TILE"},
        speedup_over="08_register_tile",
        largest_n=2048,
        all_cores=True,
        technique=(lines.SHARED,),
    ),
    Exercise(
        "10_packed",
        "panels: operands copied into the order of use",
        matmul.CPU,
        "numba",
        lines=15,
        tiles=REGISTERS | {"k": "KC"},
        speedup_over="08_register_tile",
        speedup_n=2048,
        largest_n=2048,
        technique=(lines.PACKED,),
    ),
    Exercise(
        "11_roofline", "ridge, bound and least time of a chip", roofline.PROBLEM, "numpy", lines=9, own_product=False
    ),
    Exercise(
        "20_program_ids",
        "one program per block of a row; the launch grid",
        matmul_triton.PROGRAM_IDS,
        "triton",
        lines=8,
        tiles={"n": "BLOCK_N"},
        technique=(launches.PROGRAMS,),
    ),
    Exercise(
        "21_tiled_dot",
        "tl.dot, the loop over K, precision",
        matmul_triton.TILED,
        "triton",
        lines=13,
        tiles=BLOCK,
        technique=(launches.INTENSITY,),
    ),
    Exercise(
        "22_masks_and_strides",
        "any shape, any stride",
        matmul_triton.TRITON,
        "triton",
        lines=17,
        tiles=BLOCK,
        technique=(launches.MASKED_TILES,),
    ),
    Exercise(
        "23_coalescing",
        "which lane touches which byte",
        coalescing.COALESCING,
        "triton",
        lines=7,
        technique=(launches.SECTORS,),
    ),
    Exercise(
        "24_grouped_order",
        "the order of programs, and L2",
        tile_order.GROUPED,
        "triton",
        lines=6,
        tiles=BLOCK,
        technique=(launches.WAVES, launches.MASKED_TILES),
    ),
    Exercise(
        "25_stages_and_warps",
        "a configuration for each of three GPUs",
        stages.PROBLEM,
        "numpy",
        lines=8,
        own_product=False,
    ),
    Exercise(
        "26_dispatch", "one tile map, two machines", dispatch.DISPATCH, "triton", lines=9, tiles=BLOCK, launches=False
    ),
    Exercise(
        "27_fused_epilogue",
        "bias and ReLU before the store",
        epilogue.EPILOGUE,
        "triton",
        lines=4,
        tiles=BLOCK,
        technique=(launches.FUSED,),
    ),
)

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("08_register_tile", "06_tiled"): "it has no TILE: one thing at a time",
    ("08_register_tile", "07_vectorized"): "it has no TILE: one thing at a time",
    ("10_packed", "06_tiled"): "it has panels of KC terms in place of a TILE",
    ("10_packed", "07_vectorized"): "it has panels of KC terms in place of a TILE",
    ("10_packed", "09_parallel"): "it runs on one thread, so that packing is all that differs from 08",
    ("21_tiled_dot", "20_program_ids"): "a program computes a tile of many rows, which 20 does one by one",
    ("22_masks_and_strides", "20_program_ids"): "a program computes a tile of many rows, which 20 does one by one",
    ("24_grouped_order", "20_program_ids"): "a program computes a tile of many rows, which 20 does one by one",
}
"""A higher rung passes the technique checks of every lower one that its contract contains; these do not, and why."""

BY_FILE: dict[str, Exercise] = {exercise.file: exercise for exercise in CATALOG}


def find_exercise(text: str) -> Exercise | None:
    """The exercise meant by `06`, `06_tiled`, `06_tiled.py` or a path that ends so; None if there is none."""
    name = text.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".py")
    return next((exercise for exercise in CATALOG if name in (exercise.slug, exercise.slug.split("_")[0])), None)
