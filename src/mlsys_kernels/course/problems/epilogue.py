"""ReLU(A B + bias): a layer whose epilogue runs before the product is stored, matmul_bias_relu(a, b, bias).

bias is (N,), of the operands' dtype, added to every row; ReLU(x) is 0 for x < 0 and x otherwise, so NaN stays NaN, as
in torch.relu. All of it is float32, rounded once to the operands' dtype. Values and bounds are those of `matmul`, with
the bias as one more term of the sum; ReLU never makes an error larger.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from mlsys_kernels.course.problems.matmul import TINY, Float64, Shape, Values, draw_values, expected_product
from mlsys_kernels.course.problems.matmul_triton import tiles
from mlsys_kernels.course.problems.operands import UNIT_ROUNDOFF, Layout, operand
from mlsys_kernels.course.spec import Call, Case, DType, Matrix, Problem, Tile


def bias_relu(product: Float64, bias: Float64) -> Float64:
    """What follows the product: bias (N,) is added to every row, then ReLU."""
    return np.maximum(product + bias, 0.0)


def expected_layer(a: Float64, b: Float64, bias: Float64, dtype: DType, *, exact: bool) -> Matrix:
    """The right answer, exact or with its error bound."""
    product = expected_product(a, b, "float32", "torch", exact=exact)
    with np.errstate(invalid="ignore"):
        value, bound = bias_relu(product.value, bias), product.bound
        if bound is not None:
            bound = bound + (a.shape[1] + 8) * UNIT_ROUNDOFF["float32"] * np.abs(bias)
            bound = np.where(np.isfinite(product.value), bound, 0.0)  # ReLU makes a finite 0 of minus infinity
            if dtype in ("float16", "bfloat16"):
                bound = bound + UNIT_ROUNDOFF[dtype] * np.abs(value) + TINY[dtype]
    return replace(product, value=value, bound=bound, dtype=dtype, finish=partial(bias_relu, bias=bias))


def _calls(
    rng: np.random.Generator,
    tile: Tile,
    *,
    shape: Shape,
    dtype: DType,
    values: Values,
    layouts: tuple[Layout, Layout],
) -> tuple[Call, ...]:
    """Two calls with the same shape and fresh values."""
    m, n, k = shape(tile)
    calls = []
    for turn in range(2):
        a, b = draw_values(rng, values, m, n, k, dtype, turn)
        # As large as a typical sum, and on the grid of the exact products, which are multiples of 2^-6. In float32 it
        # has 12 bits, one more than float16, so that a bias rounded to float16 shows.
        largest, step = (4095, 2.0**-6) if dtype == "float32" else (255, 2.0**-4 if values == "exact" else 2.0**-6)
        bias: Float64 = rng.integers(-largest, largest + 1, n).astype(np.float64) * step
        args = tuple(
            operand(x, dtype, layout, "torch") for x, layout in zip((a, b, bias), (*layouts, "C"), strict=True)
        )
        a, b, bias = (arg.values for arg in args)  # as stored: rounded to dtype
        expected = expected_layer(a, b, bias, dtype, exact=values in ("exact", "integers"))
        calls.append(Call("matmul_bias_relu", args, expected))
    return tuple(calls)


def _case(
    name: str,
    catches: str,
    shape: Shape | tuple[int, int, int],
    *,
    dtype: DType = "float32",
    values: Values = "exact",
    layouts: tuple[Layout, Layout] = ("C", "C"),
) -> Case:
    size: Shape = (lambda _tile: shape) if isinstance(shape, tuple) else shape
    calls = partial(_calls, shape=size, dtype=dtype, values=values, layouts=layouts)
    return Case(name, catches, calls, interpreter=dtype != "bfloat16")


EPILOGUE = Problem(
    "matmul + bias + ReLU",
    ("matmul_bias_relu(a, b, bias)",),
    (
        _case("square", "the layer itself", (64, 64, 64)),
        _case("tall", "a bias for every row instead of every column: M is much larger than N", (130, 9, 7)),
        _case("wide", "a bias for every row instead of every column: N is much larger than M", (7, 130, 9)),
        _case("long_k", "a bias added once per step over K", tiles(1, 1, 5)),
        _case("one_by_one", "a grid of no programs for 1 x 1 x 1", (1, 1, 1)),
        _case("primes", "a remainder in every direction at once", (61, 53, 47)),
        _case("empty_k", "an epilogue that is left out: K = 0 gives ReLU(bias) in every row", (4, 5, 0)),
        _case("empty_m", "a grid of no programs: M = 0", (0, 5, 3)),
        _case("transposed_view", "strides ignored: A is the transpose of a stored matrix, B a window of a wider one",
              (45, 38, 29), layouts=("F", "padded")),
        _case("small_integers", "ReLU before the bias instead of after", (48, 40, 56), values="integers"),
        _case("normal_values", "float32 multiplied in fewer bits than it has", (40, 48, 96), values="normal"),
        _case("nan_and_inf", "NaN that ReLU turns into 0", (24, 20, 28), values="nonfinite"),
        _case("float16", "a sum rounded to float16 before the bias is added", (45, 38, 70), dtype="float16"),
        _case("float16_normal", "a sum rounded to float16 at every step", (20, 24, 150), dtype="float16",
              values="normal"),
        _case("bfloat16", "a sum rounded to bfloat16 before the bias is added", (45, 38, 70), dtype="bfloat16"),
    ),
)  # fmt: skip
