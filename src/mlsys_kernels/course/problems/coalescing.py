"""Which lane of a warp touches which bytes: addresses judged by counting 32-byte sectors, then a copy by its values.

A warp of 32 lanes reads STRETCH bytes, every lane `width` bytes at a time. `addresses(width)` is the table of byte
offsets, one row per step and one column per lane. Memory moves in sectors of 32 bytes (NVIDIA, CUDA C++ Best Practices
Guide, section "Coalesced Access to Global Memory"), so a step moves no fewer sectors than its own bytes fill: 32 lanes
times `width` bytes in sectors of 32 bytes are `width` sectors.
"""

from functools import partial
from typing import Any

import numpy as np

from mlsys_kernels.course.problems.operands import Layout, exact_pair, operand
from mlsys_kernels.course.spec import Call, Case, DType, Judged, Matrix, Mistake, Problem, Tile

LANES = 32
SECTOR = 32
"""Bytes."""
STRETCH = 4096
"""Bytes that one warp reads; outside the learner's gap in 23_coalescing, as `STRETCH`."""


def check_addresses(width: int, table: Any) -> Mistake | None:
    """What is wrong with a table of byte offsets, steps by lanes: every byte once, in as few sectors as possible."""
    steps = STRETCH // (LANES * width)
    if not _is_table(table, steps):
        return Mistake(
            "addresses(width) is not the table that the file came with",
            f"expected {steps} rows of {LANES} integers",
            "address(lane, i, width) returns something that is not one integer, or `addresses` was changed",
        )
    offsets = np.array(table, dtype=np.int64)
    askew = offsets % width != 0
    if askew.any():
        lane, step = _place(askew)
        return Mistake(
            f"a load of {width} bytes does not begin at a multiple of {width}, as it must",
            f"address(lane={lane}, i={step}, width={width}) is {offsets[step, lane]}",
            "an address counts bytes, not elements"
            if (offsets % 4).any()
            else "the distance from lane to lane does not grow with width",
        )
    outside = (offsets < 0) | (offsets > STRETCH - width)
    if outside.any():
        lane, step = _place(outside)
        return Mistake(
            f"bytes outside of the {STRETCH} are read",
            f"address(lane={lane}, i={step}, width={width}) is {offsets[step, lane]}",
            f"there are {steps} steps of {LANES} lanes: is a lane or a step counted with too many bytes?",
        )
    reads = np.bincount(offsets.ravel() // width, minlength=STRETCH // width)
    if (reads != 1).any():
        word = int(np.argmax(reads != 1))
        return Mistake(
            "not every byte is read exactly once",
            f"bytes {word * width} to {word * width + width - 1} are read {reads[word]} times",
            f"two lanes or two steps overlap: each load takes {width} bytes",
        )
    sectors = [len(np.unique(row // SECTOR)) for row in offsets]
    if max(sectors) > width:
        return Mistake(
            f"a step touches {max(sectors)} sectors of {SECTOR} bytes; {width} would do",
            f"{LANES} lanes x {width} bytes = {LANES * width} bytes wanted, {max(sectors) * SECTOR} bytes moved",
            f"neighbouring lanes are {abs(int(offsets[0, 1] - offsets[0, 0]))} bytes apart in the same step",
        )
    return None


def _is_table(table: Any, steps: int) -> bool:
    return (
        isinstance(table, (list, tuple))
        and len(table) == steps
        and all(isinstance(row, (list, tuple)) and len(row) == LANES for row in table)
        and all(type(offset) is int and abs(offset) < 1 << 40 for row in table for offset in row)
    )


def _place(marked: np.ndarray[Any, Any]) -> tuple[int, int]:
    """Lane and step of the first marked offset."""
    step, lane = np.argwhere(marked)[0]
    return int(lane), int(step)


def _address_calls(_rng: np.random.Generator, _tile: Tile, *, width: int) -> tuple[Call, ...]:
    return (Call("addresses", (width,), Judged(partial(check_addresses, width))),)


def _copy_calls(
    rng: np.random.Generator, _tile: Tile, *, shape: tuple[int, int], layout: Layout, dtype: DType
) -> tuple[Call, ...]:
    """A copy is a product with the identity: that is how the diagnosis knows what a wrong one looks like."""
    calls = []
    for _ in range(2):
        values, _ = exact_pair(rng, shape[0], 1, shape[1], dtype)
        argument = operand(values, dtype, layout, "torch")
        expected = Matrix(argument.values, dtype, "torch", None, argument.values, np.eye(shape[1]))
        calls.append(Call("copy", (argument,), expected))
    return tuple(calls)


def _copy(name: str, catches: str, shape: tuple[int, int], layout: Layout = "C", dtype: DType = "float32") -> Case:
    return Case(name, catches, partial(_copy_calls, shape=shape, layout=layout, dtype=dtype))


COALESCING = Problem(
    "coalescing",
    ("address(lane, i, width)", "addresses(width)", "copy(x)"),
    (
        Case("four_bytes", "neighbouring lanes that read far apart: 32 sectors per step instead of 4",
             partial(_address_calls, width=4)),
        Case("sixteen_bytes", "a formula that holds for 4-byte loads only", partial(_address_calls, width=16)),
        _copy("copy_square", "the copy itself", (64, 64)),
        _copy("copy_one_element", "a grid of no programs for 1 x 1", (1, 1)),
        _copy("copy_ragged", "the last, partial block: elements that are lost", (37, 59)),
        _copy("copy_one_row", "a block that reaches past the only row", (1, 600)),
        _copy("copy_one_column", "rows counted as columns", (600, 1)),
        _copy("copy_empty", "a division by the number of columns: 5 x 0", (5, 0)),
        _copy("copy_transposed", "strides ignored: x is the transpose of a stored matrix", (33, 70), "F"),
        _copy("copy_window", "strides ignored: x is a window of a wider matrix", (41, 29), "padded"),
        _copy("copy_float16", "a result of another type", (35, 21), "padded", "float16"),
        _copy("copy_bfloat16", "a result of another type", (21, 35), "F", "bfloat16"),
    ),
)  # fmt: skip
