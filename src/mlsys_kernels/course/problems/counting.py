"""02 flops_and_bytes: how much arithmetic a matrix product is, and how many bytes it must move at the very least.

C = A B + beta C, with A (M, K) and B (K, N) stored as `dtype`, C (M, N) stored as `out`. One multiply-add counts as
two operations. The compulsory bytes are those that even an unlimited cache cannot save: each input read once, each
output written once.
"""

from collections.abc import Callable

import numpy as np

from mlsys_kernels.course.spec import Answer, Call, Case, Problem, Tile

BITS = {
    "float64": 64,
    "float32": 32,
    "float16": 16,
    "bfloat16": 16,
    "float8": 8,
    "int32": 32,
    "int8": 8,
    "int4": 4,
}

Shape = tuple[int, int, int]
Draw = Callable[[np.random.Generator], tuple[Call, ...]]


def flops(m: int, n: int, k: int) -> int:
    """Operations: a multiplication and an addition for each of the M N K terms."""
    return 2 * m * n * k


def compulsory_bytes(m: int, n: int, k: int, dtype: str, out: str, beta: float) -> int | float:
    """Bytes: A and B read once, C written once, and read once before that where beta C is added."""
    read, write = m * k + k * n, m * n
    touches_c = 1 if beta == 0 else 2
    bits = read * BITS[dtype] + touches_c * write * BITS[out]
    return bits / 8 if bits % 8 else bits // 8


def intensity(m: int, n: int, k: int, dtype: str, out: str, beta: float) -> float:
    """FLOP per compulsory byte."""
    return flops(m, n, k) / compulsory_bytes(m, n, k, dtype, out, beta)


def _flops(shape: Shape, because: str) -> Call:
    return Call("flops", shape, Answer(flops(*shape), "FLOP", because))


def _bytes(shape: Shape, dtype: str, because: str, out: str | None = None, beta: float = 0.0) -> Call:
    args = (*shape, dtype, out or dtype, beta)
    return Call("compulsory_bytes", args, Answer(compulsory_bytes(*args), "bytes", because))


def _intensity(shape: Shape, dtype: str, because: str) -> Call:
    args = (*shape, dtype, dtype, 0.0)
    return Call("intensity", args, Answer(intensity(*args), "FLOP/byte", because))


def _shape(rng: np.random.Generator) -> Shape:
    """Three sizes that are all different, and even, so that no answer is a fraction of a byte."""
    m, n, k = (2 * int(size) for size in rng.choice(np.arange(8, 3000), 3, replace=False))
    return m, n, k


def _case(name: str, catches: str, draw: Draw) -> Case:
    def calls(rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
        return draw(rng)

    return Case(name, catches, calls)


_CUBE: Shape = (4096, 4096, 4096)

_TWO = (
    "a hardware multiply-add is one instruction and two operations: one multiplication and one addition for each of "
    "the M * N * K terms"
)
_AXES = "every one of the M * N elements of C is a sum of K terms, so each of the three sizes appears exactly once"
_ONCE = (
    "an unlimited cache keeps what it has seen: every element of A, of B and of C crosses the memory bus once, however "
    "often it is used"
)
_BITS = "a type's size is given in bits, memory traffic in bytes; one byte is 8 bits"
_INT8 = "the number of elements does not depend on the type: half the bits per element are half the bytes"
_OUT = "C has its own type: the inputs count with the size of `dtype`, the output with the size of `out`"
_BETA = "C = A B + beta C must read the old C before it writes the new one, unless beta is 0: then C is never read"
_EMPTY = "with K = 0 there is no term to compute and A and B hold no element, but C is still written: zeros"
_RATIO = "divide the operations by the compulsory bytes of the same call; for one row nearly all of those bytes are B"

PROBLEM = Problem(
    "counting",
    ("flops(m, n, k)", "compulsory_bytes(m, n, k, dtype, out, beta)", "intensity(m, n, k, dtype, out, beta)"),
    (
        _case(
            "fma_is_two",
            "a multiply-add counted as one operation",
            lambda _rng: tuple(_flops(shape, _TWO) for shape in (_CUBE, (1, 1, 1), (64, 64, 64))),
        ),
        _case(
            "every_axis_once",
            "an axis forgotten or used twice, which a square hides",
            lambda rng: tuple(_flops(_shape(rng), _AXES) for _ in range(3)),
        ),
        _case(
            "each_matrix_once",
            "elements counted as often as they are used, or one of the three matrices forgotten",
            lambda rng: (
                _bytes(_CUBE, "float32", _ONCE),
                *(_bytes(_shape(rng), "float32", _ONCE) for _ in range(3)),
            ),
        ),
        _case(
            "bits_are_not_bytes",
            "bits taken for bytes",
            lambda rng: tuple(_bytes(_shape(rng), dtype, _BITS) for dtype in ("float64", "bfloat16", "float16")),
        ),
        _case(
            "int8_halves_the_bytes",
            "every type taken to have 2 or 4 bytes",
            lambda rng: tuple(_bytes(_shape(rng), dtype, _INT8) for dtype in ("int8", "float8", "int4")),
        ),
        _case(
            "output_of_another_type",
            "C counted with the size of A's elements",
            lambda rng: (
                _bytes(_shape(rng), "bfloat16", _OUT, out="float32"),
                _bytes(_shape(rng), "int8", _OUT, out="int32"),
                _bytes(_shape(rng), "float8", _OUT, out="bfloat16"),
            ),
        ),
        _case(
            "beta_reads_c",
            "the old C, which beta C has to read, forgotten; or read although beta is 0",
            lambda rng: (
                _bytes(_CUBE, "float32", _BETA, beta=1.0),
                _bytes(_shape(rng), "float32", _BETA, beta=-0.5),
                _bytes(_shape(rng), "bfloat16", _BETA, out="float32", beta=1.0),
                _bytes(_shape(rng), "float32", _BETA, beta=0.0),
            ),
        ),
        _case(
            "empty_k",
            "K = 0: nothing to add up, but C is still written",
            lambda _rng: (_flops((40, 30, 0), _EMPTY), _bytes((40, 30, 0), "float32", _EMPTY)),
        ),
        _case(
            "one_row",
            "the intensity upside down, or that of a square used for every shape",
            lambda rng: (
                _intensity((1, 4096, 4096), "bfloat16", _RATIO),
                _intensity((16, 4096, 4096), "bfloat16", _RATIO),
                _intensity(_CUBE, "bfloat16", _RATIO),
                _intensity(_shape(rng), "float32", _RATIO),
            ),
        ),
    ),
)
