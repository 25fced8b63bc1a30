"""In which order programs take the tiles of C: any order that takes each once, judged by the tiles it makes load.

`tile_order(tiles_m, tiles_n, group_m)` is the list of tiles (m, n), one per program. A GPU runs a *wave* of programs
at a time. Program (m, n) needs the row of tiles m of A and the column of tiles n of B, tiles_k tiles each; what two
programs of a wave share is loaded once. A wave loads (distinct m + distinct n) * tiles_k tiles: 90 and 54 for the first
nine of 9 x 9 programs in the picture of Triton's tutorial on matrix multiplication
(https://triton-lang.org/main/getting-started/tutorials/03-matrix-multiplication.html).

The bound. Groups of group_m rows, walked down first, give waves of group_m rows and wave / group_m columns: group_m +
wave / group_m. A rectangle of `wave` tiles cannot have fewer than 2 * sqrt(wave). Other good orders (a space-filling
curve, say) do not fit every grid as neatly, so a quarter more is allowed. Row by row, or column by column, needs 1.67
to 2.13 times as many in the grids below.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from mlsys_kernels.course.problems.matmul import case
from mlsys_kernels.course.problems.matmul_triton import ANY_SHAPE
from mlsys_kernels.course.spec import Call, Case, Judged, Mistake, Problem, Tile

SLACK = 1.25


@dataclass(frozen=True)
class Waves:
    """A grid of tiles that whole groups fill, and programs per wave that fill whole columns of a group."""

    tiles_m: int
    tiles_n: int
    tiles_k: int
    group_m: int
    wave: int

    @property
    def bound(self) -> float:
        """Tiles loaded per wave, on average, that are still good."""
        return SLACK * (self.group_m + self.wave / self.group_m) * self.tiles_k


TUTORIAL = Waves(9, 9, 9, group_m=3, wave=9)
GRIDS = (TUTORIAL, Waves(16, 16, 8, group_m=4, wave=16), Waves(32, 32, 2, group_m=8, wave=64))

RAGGED = ((5, 7, 3), (7, 3, 4), (10, 6, 4), (1, 9, 8), (9, 1, 8), (2, 5, 8), (3, 4, 1), (11, 13, 5))
"""tiles_m, tiles_n, group_m: grids whose last group is smaller, or the only one."""


def tile_loads(order: list[tuple[int, int]], wave: int, tiles_k: int) -> list[int]:
    """Tiles of A and B that each wave of programs loads."""
    waves = [order[start : start + wave] for start in range(0, len(order), wave)]
    return [(len({m for m, _ in tiles}) + len({n for _, n in tiles})) * tiles_k for tiles in waves]


def read_order(value: Any) -> list[tuple[int, int]] | None:
    """The list of tiles as pairs of int, or None if it is something else."""
    if not isinstance(value, (list, tuple)):
        return None
    order = []
    for tile in value:
        if not (isinstance(tile, (list, tuple)) and len(tile) == 2 and all(type(i) is int for i in tile)):
            return None
        order.append((tile[0], tile[1]))
    return order


def check_bijection(tiles_m: int, tiles_n: int, group_m: int | None, value: Any) -> Mistake | None:
    """What is wrong with an order of the tiles of a grid: each must come exactly once; `group_m` None: no groups."""
    grid = f"{tiles_m} x {tiles_n} tiles"
    order = read_order(value)
    if order is None or len(order) != tiles_m * tiles_n:
        return Mistake(
            "tile_order does not give one pair of integers (m, n) per program",
            f"{grid}, so {tiles_m * tiles_n} programs",
            "tile_of must return two integers, m and n; tile_order itself stays as it is",
        )
    cause = _cause_of_bad_order(tiles_m, tiles_n, group_m, order)
    for pid, (m, n) in enumerate(order):
        if not (0 <= m < tiles_m and 0 <= n < tiles_n):
            return Mistake(
                f"program {pid} computes a tile outside of the grid", f"{grid}; program {pid} takes ({m}, {n})", cause
            )
    taken = set(order)
    if len(taken) == len(order):
        return None
    twice = next(tile for i, tile in enumerate(order) if tile in order[:i])
    first, second = [pid for pid, tile in enumerate(order) if tile == twice][:2]
    missing = next((m, n) for m in range(tiles_m) for n in range(tiles_n) if (m, n) not in taken)
    return Mistake(
        "some tiles are computed twice and others never",
        f"{grid}; programs {first} and {second} both take {twice}, no program takes {missing}",
        cause,
    )


def _cause_of_bad_order(tiles_m: int, tiles_n: int, group_m: int | None, order: list[tuple[int, int]]) -> str:
    if {(n, m) for m, n in order} == {(m, n) for m in range(tiles_m) for n in range(tiles_n)}:
        return "m and n are exchanged: m counts rows of tiles"
    if group_m is not None and tiles_m % group_m:
        return f"{tiles_m} rows in groups of {group_m}: the last one has {tiles_m % group_m} and needs its own count"
    return "what pid is divided by and what is left over must count the same thing: the columns of tiles, or the rows"


def check_waves(grid: Waves, value: Any) -> Mistake | None:
    """What is wrong with an order of the tiles: not a bijection, or waves that load too many tiles."""
    mistake = check_bijection(grid.tiles_m, grid.tiles_n, grid.group_m, value)
    order = read_order(value)
    if mistake is not None or order is None:
        return mistake
    loads = tile_loads(order, grid.wave, grid.tiles_k)
    mean = sum(loads) / len(loads)
    if mean <= grid.bound:
        return None
    first = order[: grid.wave]
    rows, columns = (len({tile[axis] for tile in first}) for axis in (0, 1))
    best = (grid.group_m + grid.wave // grid.group_m) * grid.tiles_k
    return Mistake(
        f"a wave of {grid.wave} programs loads {mean:.4g} tiles of A and B on average; {best} are possible",
        f"{grid.tiles_m} x {grid.tiles_n} tiles, {grid.tiles_k} along K, group_m = {grid.group_m}; the first spans "
        f"{_count(rows, 'row')} and {_count(columns, 'column')}: ({rows} + {columns}) * {grid.tiles_k} = {loads[0]}",
        "a wave is a long strip of tiles, not a block: programs must go down the rows of a group before they go right",
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _wave_calls(_rng: np.random.Generator, _tile: Tile, *, grids: tuple[Waves, ...]) -> tuple[Call, ...]:
    return tuple(
        Call("tile_order", (grid.tiles_m, grid.tiles_n, grid.group_m), Judged(partial(check_waves, grid)))
        for grid in grids
    )


def _bijection_calls(
    _rng: np.random.Generator, _tile: Tile, *, grids: tuple[tuple[int, int, int], ...]
) -> tuple[Call, ...]:
    return tuple(Call("tile_order", grid, Judged(partial(check_bijection, *grid))) for grid in grids)


GROUPED = Problem(
    "grouped order",
    ("tile_of(pid, tiles_m, tiles_n, group_m)", "tile_order(tiles_m, tiles_n, group_m)", "matmul(a, b)"),
    (
        Case("tutorial_grid", "a wave that is a strip: 90 tile loads instead of 54",
             partial(_wave_calls, grids=GRIDS[:1])),
        Case("larger_grids", "a formula that fits 9 x 9 tiles only", partial(_wave_calls, grids=GRIDS[1:])),
        Case("last_group", "a last group that is smaller: tiles computed twice, or never",
             partial(_bijection_calls, grids=RAGGED)),
        case("last_group_matmul", "the same in the kernel: 9 rows of tiles",
             lambda tile: (9 * tile.m - 1, 2 * tile.n, min(tile.k, 32)), library="torch"),
        *ANY_SHAPE,
    ),
)  # fmt: skip


def dispatch_order_calls(_rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    """26_dispatch: tile_order(tiles_m, tiles_n), in any order."""
    return tuple(
        Call("tile_order", (m, n), Judged(partial(check_bijection, m, n, None)))
        for m, n, _ in (*RAGGED, (9, 9, 3), (1, 1, 1))
    )
