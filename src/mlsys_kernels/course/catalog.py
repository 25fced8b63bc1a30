"""THE COURSE: one row per exercise, in the order in which they are taken.

Adding an exercise is its two files, one row here, and its mutants in tests/mutants/.
"""

from mlsys_kernels.course.problems import matmul
from mlsys_kernels.course.spec import Exercise

TILE = {"m": "TILE", "n": "TILE", "k": "TILE"}

CATALOG: tuple[Exercise, ...] = (
    Exercise(
        "01_naive", "the definition: three loops", matmul.CPU, "numba", lines=6, speedup_over="python", largest_n=512
    ),
    Exercise(
        "06_tiled",
        "reuse in cache",
        matmul.CPU,
        "numba",
        lines=10,
        tiles=TILE,
        speedup_over="04_loop_order",
        largest_n=2048,
    ),
)

BY_FILE: dict[str, Exercise] = {exercise.file: exercise for exercise in CATALOG}
