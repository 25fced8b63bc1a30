"""05 tile_intensity: how much arithmetic a BM x BN tile of C does for each byte that it loads.

One program computes one tile. It loads a BM x BK block of A and a BK x BN block of B at every step of K, and stores
its tile at the end; programs share no load. Nothing outside the matrices is loaded or stored.
"""

from math import ceil

import numpy as np

from mlsys_kernels.course.problems.chips import REGISTERS_PER_SM
from mlsys_kernels.course.spec import Answer, Call, Case, Problem, Tile

SIDES = tuple(2**power for power in range(4, 13))
"""The block sizes that come into question: powers of two from 16 to 4096."""
ACCUMULATOR_ITEMSIZE = 4
"""Sums are kept in float32, whatever the operands are."""
REGISTER_FILE = 4 * REGISTERS_PER_SM
"""Bytes of registers in one SM, 256 KiB: the most that an accumulator in registers could ever use."""


def tile_intensity(bm: int, bn: int, bk: int, itemsize: int) -> float:
    """FLOP per loaded byte in one step of K; BK is in both, so it cancels."""
    return 2 * bm * bn * bk / ((bm * bk + bk * bn) * itemsize)


def traffic(m: int, n: int, k: int, bm: int, bn: int, itemsize: int) -> int:
    """Bytes loaded and stored by all programs: A once per column of tiles, B once per row of tiles, C once."""
    return (m * k * ceil(n / bn) + k * n * ceil(m / bm) + m * n) * itemsize


def best_intensity(accumulator_bytes: int, itemsize: int) -> float:
    """The largest intensity of all tiles whose float32 accumulator fits into so many bytes."""
    return max(
        tile_intensity(bm, bn, 1, itemsize)
        for bm in SIDES
        for bn in SIDES
        if bm * bn * ACCUMULATOR_ITEMSIZE <= accumulator_bytes
    )


def _intensity(bm: int, bn: int, bk: int, itemsize: int, because: str) -> Call:
    args = (bm, bn, bk, itemsize)
    return Call("tile_intensity", args, Answer(tile_intensity(*args), "FLOP/byte", because))


def _traffic(args: tuple[int, int, int, int, int, int], because: str) -> Call:
    return Call("traffic", args, Answer(traffic(*args), "bytes", because))


def _best(accumulator_bytes: int, itemsize: int, because: str) -> Call:
    args = (accumulator_bytes, itemsize)
    return Call("best_intensity", args, Answer(best_intensity(*args), "FLOP/byte", because))


_STEP = (
    "one step of K does 2 * BM * BN * BK operations and loads a BM x BK block of A and a BK x BN block of B: divide "
    "the operations by the bytes"
)
_CANCELS = (
    "a deeper step loads more and computes more in the same proportion: BK is a factor of both, so it does not matter"
)
_SIDES = "the work grows with the area of the tile, the loads with the sum of its two sides, each counted once"
_BYTES = "the same elements in fewer bytes: the intensity is inversely proportional to the size of an element"
_NO_REUSE = "with a tile of 1 x 1 every term of every sum loads its own element of A and its own element of B"
_REREAD = (
    "a row of A is needed by every tile beside it, so A is loaded once for each column of tiles (that depends on BN), "
    "and B once for each row of tiles (that depends on BM); C is stored once"
)
_CEIL = "a tile that sticks out over the edge is a program like any other: round the number of tiles up, not down"
_FITS = (
    "the accumulator has 4 bytes for each of the BM * BN elements, whatever the operands are; try every pair of powers "
    "of two from 16 to 4096 whose accumulator fits, and keep the largest intensity"
)


def _bk_cancels(rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    bm, bn = (2 ** int(power) for power in rng.integers(4, 9, 2))
    return tuple(_intensity(bm, bn, bk, 2, _CANCELS) for bk in (16, 32, 64, 128))


def _the_step(_rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    return tuple(_intensity(side, side, 32, itemsize, _STEP) for side, itemsize in ((128, 2), (32, 4), (1, 4)))


def _not_square(rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    drawn = tuple(int(side) for side in rng.choice(np.arange(16, 400), 2, replace=False))
    return tuple(_intensity(bm, bn, 64, 2, _SIDES) for bm, bn in ((128, 256), (16, 256), (256, 16), drawn))


def _small_types(_rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    return tuple(_intensity(128, 128, 64, itemsize, _BYTES) for itemsize in (1, 2, 4, 8))


def _no_reuse(_rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    return (_traffic((4096, 4096, 4096, 1, 1, 2), _NO_REUSE), _traffic((6, 10, 7, 1, 1, 4), _NO_REUSE))


def _a_per_column(rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    rows, columns = (int(count) for count in rng.choice(np.arange(2, 30), 2, replace=False))
    sizes = (64 * rows, 128 * columns, 32 * int(rng.integers(1, 60)))
    return (_traffic((*sizes, 64, 128, 2), _REREAD), _traffic((4096, 1024, 512, 128, 32, 2), _REREAD))


def _ragged(rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    m, n, k = (int(size) for size in 64 * rng.integers(2, 20, 3) + rng.integers(1, 63, 3))
    return (_traffic((m, n, k, 64, 64, 2), _CEIL), _traffic((65, 100, 30, 64, 128, 4), _CEIL))


def _one_sm(_rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    sizes = ((REGISTER_FILE, 2), (REGISTER_FILE, 1), (REGISTER_FILE // 2, 2), (50_000, 4))
    return tuple(_best(size, itemsize, _FITS) for size, itemsize in sizes)


PROBLEM = Problem(
    "intensity",
    (
        "tile_intensity(bm, bn, bk, itemsize)",
        "traffic(m, n, k, bm, bn, itemsize)",
        "best_intensity(accumulator_bytes, itemsize)",
    ),
    (
        Case("one_step_of_k", "operations and loads of different steps divided by each other", _the_step),
        Case("bk_cancels", "an intensity that depends on BK", _bk_cancels),
        Case("sides_not_area", "one side forgotten, or the formula of a square used for every tile", _not_square),
        Case("bytes_per_element", "elements counted in place of bytes", _small_types),
        Case("no_reuse", "a tile of 1 x 1: every use is a load", _no_reuse),
        Case("a_per_column_of_tiles", "BM and BN exchanged: which of them decides how often A is read", _a_per_column),
        Case("ragged_tiles", "the number of tiles rounded down", _ragged),
        Case("accumulator_is_float32", "the accumulator counted in the operands' type, or only squares tried", _one_sm),
    ),
)
