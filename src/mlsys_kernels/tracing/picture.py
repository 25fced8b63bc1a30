"""What a trace shows, as plain data: maps of arrays, lanes against sectors, tables and sentences.

`cpu_picture` and `triton_picture` make a Picture of counts; `picture_text` and `svg` draw it. The counts come from a
process that ran a learner's file, so every number is checked on its way in.

Cells are drawn in LEVELS steps: 0 is nothing at all, the others are steps of a logarithmic scale, since one element may
be fetched once and its neighbour a thousand times. Numbers of programs are an order, and their scale is linear.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

LEVELS = 10
VIRIDIS = ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725")
"""Colours whose lightness grows evenly, also for the colour-blind, at nine places: https://bids.github.io/colormap."""
SECTOR = 32
"""Bytes, as in `tensor_traffic`."""

Kind = Literal["count", "program"]
Cells = tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True)
class Grid:
    """One array as a map.

    Attributes:
        name: the array's.
        shape: its rows and columns, in elements.
        cell: rows and columns of elements that a cell stands for; cells at the edge stand for fewer.
        cells: a number for each cell, row by row; None where there is nothing to say, such as an element that no
            program wrote.
    """

    name: str
    shape: tuple[int, int]
    cell: tuple[int, int]
    cells: Cells

    @property
    def title(self) -> str:
        """Such as `a 64 x 48`."""
        return f"{self.name} {self.shape[0]:,} x {self.shape[1]:,}"


@dataclass(frozen=True)
class Maps:
    """Maps that share a scale.

    Attributes:
        title: what they show, a whole sentence.
        kind: counts, or numbers of programs.
        unit: of a number, such as "reads".
        hole: what an empty cell means.
        grids: one or more of them.
    """

    title: str
    kind: Kind
    unit: str
    hole: str
    grids: tuple[Grid, ...]

    @cached_property
    def most(self) -> int:
        """The largest number in any of them."""
        return max((value for grid in self.grids for value in _values(grid.cells)), default=0)


@dataclass(frozen=True)
class Lanes:
    """The first lanes of one access: the byte offset of each from the array's first element, None for one that is off.

    `does` is "load" or "store", `item` how many bytes a lane takes.
    """

    name: str
    does: str
    item: int
    offsets: tuple[int | None, ...]

    @property
    def sectors(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Each sector that is touched, in the order of memory: its first byte, and the lanes that begin in it."""
        found: dict[int, list[int]] = {}
        for lane, offset in enumerate(self.offsets):
            if offset is not None:
                found.setdefault(offset // SECTOR * SECTOR, []).append(lane)
        return tuple((first, tuple(lanes)) for first, lanes in sorted(found.items()))

    @property
    def told(self) -> str:
        """Lanes, sectors, and how many sectors would hold as much, in one sentence."""
        on = sum(offset is not None for offset in self.offsets)
        fewest = -(-on * self.item // SECTOR)
        touched = f"touch{'es' if on == 1 else ''} {_many(len(self.sectors), 'sector')} of {SECTOR} bytes"
        lanes = f"{_many(on, 'lane')} of {_many(self.item, 'byte')}"
        return f"first {self.does} of {self.name}: {lanes} {touched}; {fewest} would hold as much"


@dataclass(frozen=True)
class Table:
    """Figures as they are printed: the first column is a name."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Picture:
    """Everything that one trace shows, in the order in which it is shown."""

    title: str
    sentences: tuple[str, ...]
    maps: tuple[Maps, ...]
    lanes: tuple[Lanes, ...]
    table: Table


def level(value: int | None, most: int, kind: Kind) -> int | None:
    """The step of a number, 0 to LEVELS - 1, on the scale that ends with `most`; None stays None."""
    if value is None:
        return None
    steps = LEVELS - 2
    if kind == "program":
        return 1 + (value * steps // most if most else 0)
    if value == 0:
        return 0
    return 1 + (int(steps * math.log(value) / math.log(most)) if most > 1 else steps)


def legend(maps: Maps) -> tuple[tuple[int | None, str], ...]:
    """Each step that occurs, from the lowest, with the numbers of its cells; last, None with what a hole means."""
    found: dict[int, set[int]] = {}
    holes = False
    for grid in maps.grids:
        for row in grid.cells:
            holes = holes or None in row
            for value in {value for value in row if value is not None}:
                found.setdefault(level(value, maps.most, maps.kind) or 0, set()).add(value)
    entries: list[tuple[int | None, str]] = []
    for step, values in sorted(found.items()):
        low, high = min(values), max(values)
        entries.append((step, f"{low:,}" if low == high else f"{low:,} to {high:,}"))
    return (*entries, (None, maps.hole)) if holes else tuple(entries)


def resampled(grid: Grid, kind: Kind, cell: tuple[int, int]) -> Cells:
    """The same map in cells of so many rows and columns of elements.

    A cell shows the largest count of all cells that it meets, or the lowest number of a program; None wins among
    programs, so that a hole shows, and loses among counts.
    """
    spans = [
        [(at // old, -(-min(at + new, size) // old)) for at in range(0, size, new)]
        for size, old, new in zip(grid.shape, grid.cell, cell, strict=True)
    ]
    rows, columns = spans
    return tuple(
        tuple(
            _together((value for line in grid.cells[top:bottom] for value in line[left:right]), kind)
            for left, right in columns
        )
        for top, bottom in rows
    )


def _together(values: Iterable[int | None], kind: Kind) -> int | None:
    found = tuple(values)
    known = [value for value in found if value is not None]
    if kind == "program":
        return min(known) if known and len(known) == len(found) else None
    return max(known, default=None)


def _values(cells: Cells) -> Iterable[int]:
    return (value for row in cells for value in row if value is not None)


def read_grid(name: str, shape: tuple[int, int], cell: tuple[int, int], cells: Any) -> Grid:
    """A grid from counts.

    Raises:
        ValueError: its cells do not cover the shape, or are no numbers.
    """
    rows = tuple(tuple(None if value is None else whole(value) for value in row) for row in cells)
    needed = tuple(-(-size // step) for size, step in zip(shape, cell, strict=True))
    if (len(rows), *{len(row) for row in rows}) != needed:
        raise ValueError(f"a map of {name} that does not fit {shape}")
    return Grid(name, shape, cell, rows)


def whole(value: Any) -> int:
    """A count.

    Raises:
        ValueError: it is anything else.
    """
    if type(value) is not int or value < 0:
        raise ValueError(f"no count: {value!r}"[:80])
    return value


def sizes(shape: Any) -> tuple[int, int]:
    """Rows and columns of an array of one or two axes; one axis is one row.

    Raises:
        ValueError: it has another number of axes, or none of elements.
    """
    found = (1, *map(whole, shape))[-2:]
    if not 1 <= len(shape) <= 2 or not all(found):
        raise ValueError(f"no rows and columns: {shape!r}"[:80])
    return found[0], found[1]


def figure(value: Any) -> str:
    """A number for people: 65,536 or 3.56; a dash where it is not known.

    Raises:
        ValueError: it is no number.
    """
    if value is None:
        return "-"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"no number: {value!r}"[:80])
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3g}" if value < 100 else f"{value:,.0f}"


def text(counts: Mapping[str, Any], key: str, longest: int = 24) -> str:
    """A name in the counts.

    Raises:
        ValueError: it is no text.
    """
    value = counts[key]
    if not isinstance(value, str):
        raise ValueError(f"no text: {value!r}"[:80])
    return value if len(value) <= longest else f"{value[: longest - 3]}..."


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'s' * (count != 1)}"
