"""Technique of the Triton rungs, by counting what the launches of a kernel load and store in Triton's interpreter.

The counts are of bytes that lanes ask for, so they are the same on every machine and for every order of the programs.
Bounds come from the tiles: a program that computes a tile of BM x BN needs, for each step of BK terms, BM x BK elements
of A and BK x BN of B, and no element more.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from mlsys_kernels.course.problems.epilogue import expected_layer
from mlsys_kernels.course.problems.lines import Shape, calls
from mlsys_kernels.course.problems.operands import exact_pair, operand
from mlsys_kernels.course.problems.tile_order import SLACK as WAVE_SLACK
from mlsys_kernels.course.spec import Call, Case, Counts, Figure, Matrix, Mistake, Technique, Tile

ITEM = 4
"""Bytes of a float32."""
SLACK = 2.0
"""Each of the two tiles may be loaded twice: a kernel may compute a tile in halves."""
SECTOR_SLACK = 1.1
"""Sectors over the fewest possible: a block may begin or end within one."""

Judge = Callable[[Sequence[Counts]], tuple[Figure, Mistake | None]]


_on_torch = partial(operand, dtype="float32", library="torch")
_product = partial(calls, layout=_on_torch)


def _layer(rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    a, b = exact_pair(rng, 64, 64, 32, "float32")
    bias = rng.integers(-4095, 4096, 64).astype(np.float64) * 2.0**-6
    args = tuple(map(_on_torch, (a, b, bias)))
    return (Call("matmul_bias_relu", args, expected_layer(a, b, bias, "float32", exact=True), _blocks(32)),)


def _copy(rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    values, _ = exact_pair(rng, 64, 1, 64, "float32")
    expect = Matrix(values, "float32", "torch", None, values, np.eye(64))
    return (Call("copy", (_on_torch(values),), expect),)


def _blocks(size: int) -> Mapping[str, int]:
    return {"BLOCK_M": size, "BLOCK_N": size, "BLOCK_K": size}


def _case(name: str, catches: str, made: Any, judge: Judge, wave: int | None = None) -> Case:
    return Case(name, catches, made, run="traffic", technique=Technique({"wave": wave}, judge))


def _tensors(counts: Counts, *, inputs: bool) -> list[Mapping[str, Any]]:
    """The tensors of all launches that are inputs, or that are not."""
    return [t for launch in counts["launches"] for t in launch["tensors"] if bool(t["is_input"]) is inputs]


def _each(tensors: Sequence[Mapping[str, Any]], what: str) -> str:
    """How much of something each tensor takes: "a 65,536, b 4,096"."""
    return ", ".join(f"{tensor['name']} {int(tensor[what]):,}" for tensor in tensors) or "none"


def enough_programs(m: int, n: int, counts: Sequence[Counts]) -> tuple[Figure, Mistake | None]:
    """At least one program for every row, and every element of C stored once."""
    programs = sum(int(launch["programs"]) for launch in counts[0]["launches"])
    results = _tensors(counts[0], inputs=False)
    stores = sum(int(tensor["stores"]) for tensor in results)
    told = f"{programs} programs for {m} rows; {stores:,} stores for {m * n:,} elements"
    figure = Figure(-programs, -m, "programs", told)
    numbers = f"C is {m} x {n}: {told}"
    if programs < m:
        cause = "a program computes several rows in a loop: the grid has one program for every block of every row"
        return figure, Mistake("a program does the work of several", numbers, cause, "work-not-divided")
    if stores > m * n:
        cause = "store the sum once, when all of K is added, and let no two programs compute the same elements"
        return figure, Mistake("elements of C are stored more than once", numbers, cause, "work-not-divided")
    return figure, None


def tile_bytes(shape: Shape, block: int) -> int:
    """Bytes of the tiles of A and B that all programs need together, tiles that are cut off counted whole."""
    m, n, k = (-(-size // block) for size in shape)
    return m * n * k * 2 * block * block * ITEM


def tiles_reused(shape: Shape, block: int, counts: Sequence[Counts]) -> tuple[Figure, Mistake | None]:
    """At most SLACK times the bytes of the tiles, whatever blocks the file takes in fact."""
    loaded, bound = int(counts[0]["bytes_loaded"]), int(SLACK * tile_bytes(shape, block))
    sizes = f"{shape[0]} x {shape[1]} x {shape[2]}"
    flop = 2 * shape[0] * shape[1] * shape[2]
    told = f"{loaded:,} bytes loaded, at most {bound:,} allowed ({sizes}): {flop / max(loaded, 1):.3g} FLOP per byte"
    figure = Figure(loaded, bound, "bytes loaded", told)
    if loaded <= bound:
        return figure, None
    what = f"the programs load {loaded:,} bytes, and {bound:,} are allowed"
    numbers = f"{sizes}, in blocks of {block}; {_each(_tensors(counts[0], inputs=True), 'bytes_loaded')}"
    cause = "a tile that a program has loaded has to serve all rows and columns of its own tile of C"
    return figure, Mistake(what, numbers, cause, "too-many-bytes")


def tiled_dot(shape: Shape, block: int, counts: Sequence[Counts]) -> tuple[Figure, Mistake | None]:
    """As `tiles_reused`; and by several programs, with tl.dot, in blocks of the file's own constants."""
    figure, mistake = tiles_reused(shape, block, counts)
    loaded, needed = f"{int(figure.value):,}", 2 * shape[0] * shape[1] * shape[2]
    if all(counts[0][key] == counts[1][key] for key in ("loads", "stores", "launches")):
        what = "setting BLOCK_M, BLOCK_N and BLOCK_K changed nothing: the launches are the very same"
        cause = "the launch does not pass the constants on; a number is written out where one of them belongs"
        return figure, Mistake(what, f"{loaded} bytes loaded both times", cause, "size-constant-unused")
    if mistake is not None:
        return figure, mistake
    programs = max((int(launch["programs"]) for launch in counts[0]["launches"]), default=0)
    if programs < 2:
        what, numbers = "one program computes all of C", f"{shape[0]} x {shape[1]} in blocks of {block}: 4 tiles of C"
        cause = "the grid has one program for every tile of C; a loop over tiles runs them one after the other"
        return figure, Mistake(what, numbers, cause, "work-not-divided")
    dots = counts[0]["dot_flops"]
    if dots is not None and int(dots) < needed:
        what = "the product is not computed by tl.dot"
        numbers = f"{needed:,} FLOP are needed, and tl.dot does {int(dots):,}"
        cause = "sums of products of vectors give the same C, but only tl.dot runs on tensor cores"
        return figure, Mistake(what, numbers, cause, "no-tl-dot")
    return figure, None


def few_sectors(counts: Sequence[Counts]) -> tuple[Figure, Mistake | None]:
    """Loads and stores of a warp touch hardly more sectors of 32 bytes than their bytes fill."""
    tensors = [tensor for launch in counts[0]["launches"] for tensor in launch["tensors"]]
    sectors = sum(int(tensor["sectors_loaded"]) + int(tensor["sectors_stored"]) for tensor in tensors)
    fewest = (int(counts[0]["bytes_loaded"]) + int(counts[0]["bytes_stored"])) // 32
    bound = int(SECTOR_SLACK * fewest)
    told = f"{sectors:,} sectors of 32 bytes touched, at most {bound:,} allowed; {fewest:,} hold all bytes"
    figure = Figure(sectors, bound, "sectors", told)
    if sectors <= bound:
        return figure, None
    what = f"the copy touches {sectors:,} sectors of 32 bytes, and {fewest:,} would do"
    numbers = f"loads: {_each(tensors, 'sectors_loaded')}; stores: {_each(tensors, 'sectors_stored')}"
    cause = "neighbouring lanes have to touch neighbouring elements, in loads and in stores"
    return figure, Mistake(what, numbers, cause, "scattered-lanes")


def waves_share(
    group: int, wave: int, tiles_k: int, block: int, counts: Sequence[Counts]
) -> tuple[Figure, Mistake | None]:
    """On average a wave loads hardly more unique bytes than a group of `group` rows and wave / group columns needs."""
    loads = [int(number) for launch in counts[0]["launches"] for number in launch["wave_bytes"]]
    tile = block * block * ITEM * tiles_k
    mean, best = sum(loads) / len(loads) / tile, group + wave // group
    bound = WAVE_SLACK * best
    told = f"a wave of {wave} programs loads {mean * tiles_k:.3g} tiles, at most {bound * tiles_k:.3g} allowed"
    figure = Figure(mean * tiles_k, bound * tiles_k, "tiles per wave", told)
    if mean <= bound:
        return figure, None
    what = f"a wave of {wave} programs loads {mean * tiles_k:.3g} different tiles; {best * tiles_k} are possible"
    numbers = f"9 x 9 tiles, GROUP_M = {group}: rows and columns of tiles that a wave spans, {mean:.3g} on average"
    cause = (
        "the kernel does not take its tile from tile_of, tile_of walks along a whole row of tiles, or the launch does "
        "not pass GROUP_M on"
    )
    return figure, Mistake(what, numbers, cause, "too-many-bytes")


def nothing_between(m: int, n: int, counts: Sequence[Counts]) -> tuple[Figure, Mistake | None]:
    """C is stored once and never loaded."""
    own = _tensors(counts[0], inputs=False)
    moved = sum(int(tensor["bytes_stored"]) + int(tensor["bytes_loaded"]) for tensor in own)
    bound = m * n * ITEM
    told = f"{moved:,} bytes of C moved, at most {bound:,} allowed: each element once"
    figure = Figure(moved, bound, "bytes", told)
    if not counts[0]["result_by_kernel"]:
        what = "what is returned is not what the kernel stored: torch has made another tensor of it"
        cause = "bias or ReLU is left to torch, which loads and stores all of C once more"
        return figure, Mistake(what, f"{moved:,} bytes of C moved by the kernel alone", cause, "stored-between")
    if moved <= bound:
        return figure, None
    what = f"{moved:,} bytes of results are moved, and C has {bound:,}"
    numbers = f"loaded: {_each(own, 'bytes_loaded')}; stored: {_each(own, 'bytes_stored')}"
    cause = "the product is stored before bias and ReLU are done: change the sum while it is in registers"
    return figure, Mistake(what, numbers, cause, "stored-between")


_ROWS: Shape = (12, 64, 4)
_WHOLE: Shape = (64, 64, 64)
_RAGGED: Shape = (70, 50, 45)
_WAVES: Shape = (144, 144, 16)

PROGRAMS = _case(
    "programs",
    "one program that computes many rows, and elements that are stored again and again",
    partial(_product, shape=_ROWS, sizes=({"BLOCK_N": 32},)),
    partial(enough_programs, _ROWS[0], _ROWS[1]),
)
INTENSITY = _case(
    "intensity",
    "tiles that are loaded for one row only: too few FLOP per byte",
    partial(_product, shape=_WHOLE, sizes=(_blocks(32), _blocks(16))),
    partial(tiled_dot, _WHOLE, 32),
)
MASKED_TILES = _case(
    "tile_bytes",
    "masks that let more be loaded than the tiles need, where no size is a multiple of a block",
    partial(_product, shape=_RAGGED, sizes=(_blocks(32),)),
    partial(tiles_reused, _RAGGED, 32),
)
SECTORS = _case("sectors", "lanes that touch memory far apart: a sector moved for every element", _copy, few_sectors)
WAVES = _case(
    "wave_bytes",
    "an order of tiles that the kernel does not use: waves that share little",
    partial(_product, shape=_WAVES, sizes=({**_blocks(16), "GROUP_M": 3},)),
    partial(waves_share, 3, 9, 1, 16),
    wave=9,
)
FUSED = _case(
    "result_bytes",
    "a product that goes through memory before bias and ReLU",
    _layer,
    partial(nothing_between, 64, 64),
)
