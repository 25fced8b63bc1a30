"""C = A B for every kernel exercise: A is (M, K), B is (K, N), C is a new (M, N) array of the operands' dtype.

The reference is NumPy's product in float64. Two kinds of input decide. *Exact* inputs must come out bit for bit.
*Rounded* inputs must come out within (K + 8) u |A||B| element by element, u the unit roundoff of the accumulator
(float32 for the short formats), plus one rounding to the output's dtype: the classical bound for a sum of K products
(Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1, with a margin of 8 for the conversions).
float64 is decided by exact inputs alone, since the reference itself is float64. Where rows differ by many powers of
two, an error of K u max|A| max|B| is allowed as well, which Strassen's product needs (Higham, section 23.2.2).

Beside the cases with one input of each kind there are five that look at the file in another way: `state` (many calls in
a row), `second_run` (a second process, sizes in random order), `large` (512^3, judged by Freivalds' test),
`bounds_checked` (compiled with bounds checks) and `race` (traced iteration by iteration).
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.course.problems.operands import UNIT_ROUNDOFF, Layout, exact_pair, operand, rounded_normal
from mlsys_kernels.course.spec import Call, Case, DType, Large, Library, Matrix, Problem, Run, Tile

Float64 = NDArray[np.float64]
Values = Literal["exact", "integers", "tiny", "normal", "range", "nonfinite"]
Shape = Callable[[Tile], tuple[int, int, int]]

TINY: dict[DType, float] = {"float16": 2.0**-24, "bfloat16": 2.0**-133, "float32": 2.0**-149, "float64": 2.0**-1074}


def flops(m: int, n: int, k: int) -> int:
    """Operations of a product: one multiplication and one addition for each of the M N K terms."""
    return 2 * m * n * k


def compulsory_bytes(m: int, n: int, k: int, itemsize: int) -> int:
    """Bytes that must move at least once: read A and B, write C."""
    return (m * k + k * n + m * n) * itemsize


def expected_product(a: Float64, b: Float64, dtype: DType, library: Library, *, exact: bool) -> Matrix:
    """The right answer for values `a` (M, K) and `b` (K, N): exact, or with its error bound."""
    with np.errstate(all="ignore"):
        value = a @ b if np.isfinite(a).all() and np.isfinite(b).all() else _product_by_definition(a, b)
        bound = None
        if not exact:
            accumulator = UNIT_ROUNDOFF["float32"]
            bound = (a.shape[1] + 8) * (accumulator * (np.abs(a) @ np.abs(b)) + TINY["float32"])
            if dtype in ("float16", "bfloat16"):
                bound = bound + UNIT_ROUNDOFF[dtype] * np.abs(value) + TINY[dtype]
    return Matrix(value, dtype, library, bound, a, b)


def _product_by_definition(a: Float64, b: Float64) -> Float64:
    """Sum the products term by term: a BLAS may skip or reorder what NaN and infinity make visible."""
    c = np.zeros((a.shape[0], b.shape[1]))
    for k in range(a.shape[1]):
        c += np.outer(a[:, k], b[k])
    return c


def draw_values(
    rng: np.random.Generator, values: Values, m: int, n: int, k: int, dtype: DType, turn: int
) -> tuple[Float64, Float64]:
    """The values of A and B for one call; `turn` counts the calls of a case."""
    if values == "exact":
        return exact_pair(rng, m, n, k, dtype, "ab"[turn % 2])  # type: ignore[arg-type]
    if values == "tiny":
        a, b = exact_pair(rng, m, n, k, dtype, "ab"[turn % 2])  # type: ignore[arg-type]
        return a * 2.0**-20, b * 2.0**-20
    if values == "integers":
        return rng.integers(-8, 9, (m, k)).astype(float), rng.integers(-8, 9, (k, n)).astype(float)
    a, b = rounded_normal(rng, (m, k), dtype), rounded_normal(rng, (k, n), dtype)
    if values == "range":
        # Rows of A from 2^-20 to 2^20: beyond the range of float16.
        a *= 2.0 ** np.linspace(-20, 20, m).round()[:, None]
    if values == "nonfinite":
        a[m // 2, k // 3] = np.nan
        a[0, k - 1] = np.inf
        b[k // 2, n - 1] = -np.inf
        b[0, 0] = np.inf
        # 0 * inf and 0 * NaN are NaN: a kernel that skips zeros, of A or of B, shows here.
        a[m - 1, 0] = 0.0
        b[k // 3, 1 % n] = 0.0
    return a, b


def matmul_calls(
    rng: np.random.Generator,
    tile: Tile,
    *,
    shape: Shape,
    dtype: DType,
    values: Values,
    layouts: tuple[Layout, Layout],
    library: Library,
) -> tuple[Call, ...]:
    """Two calls with the same shape and fresh values, so that an answer kept from the first shows in the second."""
    m, n, k = shape(tile)
    calls = []
    for turn in range(2):
        a, b = draw_values(rng, values, m, n, k, dtype, turn)
        args = tuple(operand(x, dtype, layout, library) for x, layout in zip((a, b), layouts, strict=True))
        a, b = (arg.values for arg in args)  # as stored: rounded to dtype
        expect = expected_product(a, b, dtype, library, exact=values in ("exact", "integers", "tiny"))
        if values == "range" and expect.bound is not None:
            # As accurate as Strassen's product has to be: beside the largest row, not beside each row.
            largest = UNIT_ROUNDOFF["float32"] * k * np.abs(a).max() * np.abs(b).max()
            expect = replace(expect, bound=expect.bound + largest)
        calls.append(Call("matmul", args, expect))
    return tuple(calls)


def case(
    name: str,
    catches: str,
    shape: Shape | tuple[int, int, int],
    *,
    dtype: DType = "float32",
    values: Values = "exact",
    layouts: tuple[Layout, Layout] = ("C", "C"),
    library: Library = "numpy",
    tile: int | None = None,
    run: Run = "compiled",
) -> Case:
    """One matmul case; `shape` is (M, N, K), or a function of the file's tile sizes."""
    if isinstance(shape, tuple):
        fixed = shape
        shape = lambda _tile: fixed  # noqa: E731
    calls = partial(matmul_calls, shape=shape, dtype=dtype, values=values, layouts=layouts, library=library)
    # Triton's own interpreter computes bfloat16 silently wrong (it does arithmetic on the raw 16-bit integers).
    return Case(name, catches, calls, tile, interpreter=dtype != "bfloat16", run=run)


def _near(axis: str, by: int) -> Shape:
    """Every axis two tiles long, except that one is `by` off; tiles count as at most 64, to keep the case short."""

    def shape(tile: Tile) -> tuple[int, int, int]:
        sizes = {name: 2 * min(getattr(tile, name), 64) for name in "mnk"}
        sizes[axis] = max(1, min(getattr(tile, axis), 64) + by)
        return sizes["m"], sizes["n"], sizes["k"]

    return shape


_LEDGER = {
    "m": "rows of C",
    "n": "columns of C",
    "k": "terms of the sum",
}


def off_by_one(library: Library = "numpy") -> tuple[Case, ...]:
    """Six cases: M, N and K, one less and one more than a tile."""
    return tuple(
        case(
            f"{axis}_one_{word}",
            f"the last, partial tile over {axis.upper()}: {_LEDGER[axis]} that are lost",
            _near(axis, by),
            library=library,
        )
        for axis in "mnk"
        for word, by in (("less", -1), ("more", 1))
    )


def series_calls(
    rng: np.random.Generator,
    _tile: Tile,
    *,
    shapes: tuple[tuple[int, int, int], ...],
    library: Library,
    dtypes: tuple[DType, ...] = ("float32",),
    shuffled: bool = False,
) -> tuple[Call, ...]:
    """One call for each shape (M, N, K) and dtype, on exact inputs; `shuffled`: in random order."""
    wanted = [(shape, dtype) for dtype in dtypes for shape in shapes]
    if shuffled:
        wanted = [wanted[at] for at in rng.permutation(len(wanted))]
    calls = []
    for turn, (shape, dtype) in enumerate(wanted):
        values = draw_values(rng, "exact", *shape, dtype, turn)
        args = tuple(operand(x, dtype, "C", library) for x in values)
        calls.append(Call("matmul", args, expected_product(*values, dtype, library, exact=True)))
    return tuple(calls)


def series(
    name: str,
    catches: str,
    shapes: tuple[tuple[int, int, int], ...],
    *,
    library: Library = "numpy",
    dtypes: tuple[DType, ...] = ("float32",),
    run: Run = "compiled",
    tile: int | None = None,
) -> Case:
    """Several calls in a row, one for each shape (M, N, K); in a second run their order is random."""
    calls = partial(series_calls, shapes=shapes, library=library, dtypes=dtypes, shuffled=run == "again")
    return Case(name, catches, calls, tile, run=run)


STATE = (*((18, 17, 5),) * 12, (48, 40, 70), (6, 7, 5), (48, 40, 33), (47, 39, 69), (3, 2, 4), (21, 34, 7),
         (48, 40, 70), *((6, 7, 5),) * 4)  # fmt: skip
"""Many calls of one shape; smaller ones after larger ones, so that what a buffer held before would show.

A result of 18 x 17 float32 has more than the 1,024 bytes up to which NumPy takes memory from a store of its own, so
np.empty holds what the worker fills new memory with.
"""

SECOND_RUN = ((17, 17, 17), (33, 31, 65), (8, 24, 130), (130, 7, 9), (48, 40, 200), (2, 1, 3), (61, 53, 47), (5, 9, 1))


def _random_calls(rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    """Ten calls of random sizes, one of them up to 700, often one off a multiple of 8; both dtypes."""
    shapes = []
    for _ in range(10):
        sizes = [int(8 * rng.integers(1, 9) + rng.integers(-1, 2)) for _ in "mnk"]
        sizes[int(rng.integers(3))] = int(rng.integers(200, 700))
        shapes.append(tuple(sizes))
    calls = series_calls(rng, _tile, shapes=tuple(shapes[:6]), library="numpy")  # type: ignore[arg-type]
    more = (*shapes[6:], (33, 40, 512))
    return calls + series_calls(rng, _tile, shapes=more, library="numpy", dtypes=("float64",))  # type: ignore[arg-type]


def _large_calls(rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    n = 512
    a, b = exact_pair(rng, n, n, n, "float32", "ab"[int(rng.integers(2))])  # type: ignore[arg-type]
    args = (operand(a, "float32"), operand(b, "float32"))
    return (Call("matmul", args, Large(a, b, "float32", "numpy")),)


CPU = Problem(
    "matmul",
    ("matmul(a, b)",),
    (
        case("square", "the product itself: M = N = K", (64, 64, 64)),
        case("tall", "rows and columns confused: M is much larger than N", (130, 9, 7)),
        case("wide", "rows and columns confused: N is much larger than M", (7, 130, 9)),
        case("long_k", "the sum over K cut short: K is much larger than M and N", (5, 6, 300)),
        case("one_row", "a tile that reaches past the only row", (1, 37, 41)),
        case("one_column", "a tile that reaches past the only column", (37, 1, 41)),
        case("one_by_one", "a loop that never runs for 1 x 1 x 1", (1, 1, 1)),
        *off_by_one(),
        case("primes", "a remainder in every direction at once", (61, 53, 47)),
        case("empty_k", "an output that is never written: K = 0 gives zeros", (4, 5, 0)),
        case("empty_m", "a division by the number of rows: M = 0", (0, 5, 3)),
        case("empty_n", "a division by the number of columns: N = 0", (5, 0, 3)),
        case("transposed_view", "strides ignored: A is the transpose of a stored matrix, B a window of a wider one",
             (45, 38, 29), layouts=("F", "padded")),
        case("strided_view", "strides ignored: A is a window of a wider matrix, B a transpose", (38, 45, 29),
             layouts=("padded", "F")),
        case("negative_stride", "addresses that only grow: A is walked backwards", (23, 19, 31),
             layouts=("reversed", "F")),
        case("negative_stride_b", "addresses that only grow: B is walked backwards", (19, 23, 31),
             layouts=("F", "reversed")),
        case("small_integers", "a rounding where none is due: integers sum exactly", (48, 40, 56), values="integers"),
        case("normal_values", "a sum kept in too few bits", (64, 48, 128), values="normal"),
        case("tiny_values", "small results cut off as if they were zero", (24, 40, 33), values="tiny"),
        case("large_range", "a sum in a type that overflows: rows from 2^-20 to 2^20", (40, 24, 64), values="range"),
        case("nan_and_inf", "NaN and infinity that do not reach the result", (24, 20, 28), values="nonfinite"),
        case("float64", "float64 computed, or returned, as float32", (45, 38, 70), dtype="float64"),
        case("float64_ragged", "float64 with a remainder in every direction", (33, 17, 65), dtype="float64"),
        case("float64_strided", "strides ignored in float64: a window of a wider matrix, and one walked backwards",
             (29, 31, 37), dtype="float64", layouts=("padded", "reversed")),
        case("both_reversed", "addresses that only grow: both operands are walked backwards", (31, 29, 37),
             layouts=("reversed", "reversed")),
        case("float64_nan", "NaN and infinity that do not reach a float64 result", (24, 20, 28), dtype="float64",
             values="nonfinite"),
        Case("random_sizes", "sizes that nobody thought of: 10 drawn at random, and K = 512", _random_calls),
        case("tile_of_1", "a size constant that is not used everywhere: all set to 1", (5, 4, 6), tile=1,
             run="plain"),
        case("tile_of_3", "a size constant that is not used everywhere: all set to 3", (7, 8, 10), tile=3,
             run="plain"),
        case("tile_of_200", "a tile larger than the whole matrix: all set to 200", (6, 7, 5), tile=200,
             run="plain"),
        series("state", "something that is kept from an earlier call, or memory that was never written", STATE),
        series("second_run", "an answer that is right in one process, or in one order, only", SECOND_RUN,
               dtypes=("float32", "float64"), run="again"),
        Case("large", "a product that is right for small matrices only: 512 x 512 x 512", _large_calls),
        series("bounds_checked", "an index outside of its array, even if the answer is right",
               ((65, 66, 67), (17, 9, 13), (16, 16, 16), (5, 6, 7), (1, 1, 1)), run="bounds"),
        series("race", "two iterations of a prange that touch the same element",
               ((5, 6, 7), (37, 3, 3), (3, 37, 3), (3, 3, 37)), run="race"),
        series("race_of_tiles", "two iterations of a prange over tiles that touch the same element",
               ((5, 6, 7), (9, 3, 3), (3, 9, 3), (3, 3, 9)), run="race", tile=2),
    ),
)  # fmt: skip
