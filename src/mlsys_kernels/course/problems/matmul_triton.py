"""C = A B on torch tensors, for the Triton rungs: values, reference and bounds are those of `matmul`.

Three lists of cases, each contained in the contract of the next: PROGRAM_IDS (row-major, N a multiple of BLOCK_N),
TILED (row-major, every size a multiple of its block) and TRITON (any shape, any stride that is not negative). All are
float32, float16 and bfloat16, summed in float32.

Sizes are a few tiles of the file's own, so that a case stays under a second in Triton's interpreter, whose cost is
about 1 ms for a step over K on vectors and 5 ms on tiles, whatever their size up to 64 x 64 (measured on two cores).
"""

from dataclasses import replace
from functools import partial

from mlsys_kernels.course.problems.matmul import Shape, case, off_by_one, series
from mlsys_kernels.course.spec import Case, Problem, Run

_on_torch = partial(case, library="torch")


def _blocks(m: int, n: int, k: int) -> Shape:
    """M and K as given, N that many times BLOCK_N."""
    return lambda tile: (m, n * tile.n, k)


def tiles(m: int, n: int, k: int) -> Shape:
    """Every size that many times its block."""
    return lambda tile: (m * tile.m, n * tile.n, k * tile.k)


def series_of_blocks(name: str, catches: str, shapes: tuple[tuple[int, int, int], ...], tile: int, run: Run) -> Case:
    """Several calls in a row with every size constant set to `tile`, of which the shapes are multiples."""
    return series(name, catches, shapes, library="torch", run=run, tile=tile)


def any_order(plain: Case) -> Case:
    """The same case with the programs of each launch in a random order."""
    return replace(plain, shuffled=True)


PROGRAM_IDS = Problem(
    "matmul, one program per block of a row",
    ("matmul(a, b)",),
    (
        _on_torch("several_rows", "the product itself: 5 rows of 2 blocks", _blocks(5, 2, 9)),
        _on_torch("tall", "rows and blocks confused: many rows of one block", _blocks(24, 1, 5)),
        _on_torch("wide", "blocks that no program computes: 2 rows of 6 blocks", _blocks(2, 6, 7)),
        _on_torch("long_k", "the sum over K cut short: K is much larger than M", _blocks(2, 1, 90)),
        _on_torch("one_row", "a grid of a single row", _blocks(1, 2, 17)),
        _on_torch("one_step", "a sum of one term: K = 1", _blocks(3, 2, 1)),
        _on_torch("empty_k", "an output that is never written: K = 0 gives zeros", _blocks(3, 2, 0)),
        _on_torch("empty_m", "a grid of no programs: M = 0", _blocks(0, 2, 3)),
        _on_torch("small_integers", "a rounding where none is needed: integers sum exactly", _blocks(4, 2, 12),
                  values="integers"),
        _on_torch("normal_values", "a sum kept in too few bits", _blocks(3, 1, 64), values="normal"),
        _on_torch("large_range", "a sum in a type that overflows: rows to 2^20", _blocks(6, 1, 16), values="range"),
        _on_torch("nan_and_inf", "NaN and infinity that do not reach the result", _blocks(5, 1, 12),
                  values="nonfinite"),
        _on_torch("float16", "float16 summed in float16", _blocks(4, 2, 20), dtype="float16"),
        _on_torch("float16_normal", "float16 products that are rounded one by one", _blocks(3, 1, 64), dtype="float16",
                  values="normal"),
        _on_torch("bfloat16", "bfloat16 summed in bfloat16", _blocks(4, 2, 20), dtype="bfloat16"),
        any_order(_on_torch("any_order", "programs that rely on the order in which they run", _blocks(4, 2, 9))),
        series_of_blocks("state", "something that is kept from an earlier call", ((2, 32, 3),) * 4 + ((5, 64, 9),
                         (2, 32, 3), (1, 64, 5)), 32, "compiled"),
        series_of_blocks("second_run", "an answer that is right in one process, or in one order, only",
                         ((3, 64, 5), (1, 32, 7), (2, 96, 4)), 32, "again"),
    ),
)  # fmt: skip

TILED = Problem(
    "matmul in whole tiles",
    ("matmul(a, b)",),
    (
        _on_torch("square", "the product itself: 2 x 2 x 2 tiles", tiles(2, 2, 2)),
        _on_torch("one_tile", "one program, one step over K", tiles(1, 1, 1)),
        _on_torch("tall", "rows and columns confused: 5 tiles of rows", tiles(5, 1, 1)),
        _on_torch("wide", "rows and columns confused: 5 tiles of columns", tiles(1, 5, 1)),
        _on_torch("long_k", "a tile of K that overwrites the sum, or pointers that advance wrongly: 6 steps",
                  tiles(1, 1, 6)),
        _on_torch("wide_and_long", "the row length of A and of B confused: K is 3 tiles, N is 2", tiles(1, 2, 3)),
        _on_torch("empty_k", "an output that is never written: K = 0 gives zeros", tiles(1, 2, 0)),
        _on_torch("empty_m", "a grid of no programs: M = 0", tiles(0, 2, 1)),
        _on_torch("small_integers", "a rounding where none is needed: integers sum exactly", tiles(2, 1, 2),
                  values="integers"),
        _on_torch("normal_values", "float32 multiplied in fewer bits than it has", tiles(1, 2, 3), values="normal"),
        _on_torch("large_range", "a sum in a type that overflows: rows to 2^20", tiles(2, 1, 1), values="range"),
        _on_torch("nan_and_inf", "NaN and infinity that do not reach the result", tiles(1, 1, 2), values="nonfinite"),
        _on_torch("float16", "float16 summed in float16", tiles(2, 2, 2), dtype="float16"),
        _on_torch("float16_normal", "a sum rounded to float16 at every step", tiles(1, 1, 6), dtype="float16",
                  values="normal"),
        _on_torch("bfloat16", "bfloat16 summed in bfloat16", tiles(2, 2, 2), dtype="bfloat16"),
        _on_torch("bfloat16_normal", "a sum rounded to bfloat16 at every step", tiles(1, 1, 6), dtype="bfloat16",
                  values="normal"),
        any_order(_on_torch("any_order", "programs that rely on the order in which they run", tiles(2, 2, 1))),
        series_of_blocks("state", "something that is kept from an earlier call", ((32, 32, 32),) * 4 + ((64, 64, 64),
                         (32, 32, 32), (64, 32, 96)), 32, "compiled"),
        series_of_blocks("second_run", "an answer that is right in one process, or in one order, only",
                         ((64, 32, 32), (32, 64, 96), (96, 32, 64)), 32, "again"),
    ),
)  # fmt: skip

ANY_SHAPE: tuple[Case, ...] = (
    _on_torch("square", "the product itself: M = N = K", (64, 64, 64)),
    _on_torch("one_by_one", "a grid of no programs for 1 x 1 x 1", (1, 1, 1)),
    _on_torch("tall", "rows and columns confused: M is much larger than N", (130, 9, 7)),
    _on_torch("wide", "rows and columns confused: N is much larger than M", (7, 130, 9)),
    _on_torch("long_k", "the sum over K cut short: K is much larger than M and N", (5, 6, 300)),
    _on_torch("one_row", "a tile that reaches past the only row", (1, 37, 41)),
    _on_torch("one_column", "a tile that reaches past the only column", (37, 1, 41)),
    *off_by_one("torch"),
    _on_torch("primes", "a remainder in every direction at once", (61, 53, 47)),
    _on_torch("empty_k", "an output that is never written: K = 0 gives zeros", (4, 5, 0)),
    _on_torch("empty_m", "a grid of no programs: M = 0", (0, 5, 3)),
    _on_torch("transposed_view", "strides ignored: A is the transpose of a stored matrix, B a window of a wider one",
              (45, 38, 29), layouts=("F", "padded")),
    _on_torch("strided_view", "strides ignored, or the gap behind a row read: A is a window of a wider matrix",
              (38, 45, 29), layouts=("padded", "F")),
    _on_torch("small_integers", "a rounding where none is needed: integers sum exactly", (48, 40, 56),
              values="integers"),
    _on_torch("normal_values", "float32 multiplied in fewer bits than it has", (40, 48, 96), values="normal"),
    _on_torch("large_range", "a sum in a type that overflows: rows to 2^20", (40, 24, 64), values="range"),
    _on_torch("nan_and_inf", "NaN and infinity that do not reach the result", (24, 20, 28), values="nonfinite"),
    _on_torch("float16", "float16 summed in float16", (45, 38, 70), dtype="float16"),
    _on_torch("float16_normal", "a sum rounded to float16 at every step", (20, 24, 150), dtype="float16",
              values="normal"),
    _on_torch("bfloat16", "bfloat16 summed in bfloat16", (45, 38, 70), dtype="bfloat16"),
    _on_torch("bfloat16_normal", "a sum rounded to bfloat16 at every step", (20, 24, 150), dtype="bfloat16",
              values="normal"),
    _on_torch("blocks_of_16", "a size constant that is not used everywhere: all set to 16", (19, 33, 35), tile=16),
    _on_torch("blocks_of_64", "a tile larger than the whole matrix: all set to 64", (9, 20, 18), tile=64),
    any_order(_on_torch("any_order", "programs that rely on the order in which they run", (70, 40, 33))),
    series("state", "something that is kept from an earlier call", ((6, 7, 5),) * 8 + ((48, 40, 70), (6, 7, 5),
           (48, 40, 33), (47, 39, 69), (3, 2, 4)), library="torch"),
    series("second_run", "an answer that is right in one process, or in one order, only",
           ((17, 17, 17), (33, 31, 65), (70, 7, 9), (2, 1, 3)), library="torch", run="again"),
)  # fmt: skip

TRITON = Problem("matmul", ("matmul(a, b)",), ANY_SHAPE)
