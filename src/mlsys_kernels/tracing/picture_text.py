"""A picture as lines for a terminal: maps in half-block characters with colours, or in shades that are plain ASCII.

No line is wider than the terminal. Maps that hold a single number are told in a line. A map that is wider than the
terminal, or very tall, is drawn in blocks of elements, and its caption says so. Shades, or the lightness of colours,
grow with the numbers.
"""

import textwrap
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise, zip_longest
from typing import Literal

from rich.text import Text

from mlsys_kernels.tracing.picture import (
    SECTOR,
    VIRIDIS,
    Cells,
    Grid,
    Lanes,
    Maps,
    Picture,
    Table,
    legend,
    level,
    resampled,
)

Style = Literal["colour", "shades"]

SHADES = " .:-=+*#%@"
NOTHING, HOLE = "#303030", "#d55e00"
HOLE_SHADE = "!"
GAP = 2
TALLEST = 24
"""Lines of a map."""
NARROWEST, WIDEST = 12, 64
"""Characters of a map: below the one, maps go below each other; they are never wider than the other."""
MOST_SECTORS = 6
"""Sectors of one access that are drawn."""


def lines(picture: Picture, width: int, style: Style) -> list[Text]:
    """The whole picture; `width` in characters, at least 20."""
    told = [Text(line, style="bold") for line in wrapped(picture.title, width)]
    told += [Text(line) for sentence in picture.sentences for line in wrapped(sentence, width)]
    for maps in picture.maps:
        told += [Text(), *_maps(maps, width, style)]
    for lanes in picture.lanes:
        told += [Text(), *map(Text, _lanes(lanes, width))]
    if picture.table.header:
        told += [Text(), *map(Text, _table(picture.table, width))]
    return told


def wrapped(sentence: str, width: int) -> list[str]:
    """The sentence in lines of this width, all but the first indented."""
    return textwrap.wrap(sentence, width, subsequent_indent="  ")


def _maps(maps: Maps, width: int, style: Style) -> list[Text]:
    numbers = {value for grid in maps.grids for row in grid.cells for value in row}
    if maps.kind == "count" and len(numbers) == 1:
        told = [Text(line, style="bold") for line in wrapped(maps.title, width)]
        flat = f"{', '.join(grid.title for grid in maps.grids)}: {numbers.pop() or 0:,} {maps.unit} everywhere"
        return told + [Text(line) for line in wrapped(flat, width)]
    room = (width - GAP * (len(maps.grids) - 1)) // len(maps.grids)
    beside = room >= NARROWEST
    step = _step(maps.grids, min(room if beside else width, WIDEST))
    columns = [_column(grid, maps, step, style) for grid in maps.grids]
    caption = f"one character is {2 * step} x {step} elements, and shows "
    caption += "the most of them" if maps.kind == "count" else "the lowest number of a program"
    if step == 1 and style == "colour" and maps.kind == "count":
        caption = "one half of a character is one element"
    told = [Text(line, style="bold") for line in wrapped(maps.title, width)]
    rows = _beside(columns) if beside else [line for column in columns for line in column]
    if style == "shades":
        for row in rows:
            row.rstrip()
    told += rows
    told += _legend(maps, width, style)
    return told + [Text(line, style="dim") for line in wrapped(caption, width)]


def _step(grids: Sequence[Grid], width: int) -> int:
    """Elements to a character of the width: as few as fit; a step that divides every side if there is one near."""
    least = max(1, *(-(-max(columns, rows * width // (2 * TALLEST)) // width) for rows, columns in _shapes(grids)))
    sides = {side for shape in _shapes(grids) for side in shape if side > 1}
    return next((step for step in range(least, 2 * least + 1) if not any(side % step for side in sides)), least)


def _shapes(grids: Sequence[Grid]) -> list[tuple[int, int]]:
    return [grid.shape for grid in grids]


def _column(grid: Grid, maps: Maps, step: int, style: Style) -> list[Text]:
    """A title and the map; every line has the same width."""
    if maps.kind == "program":
        body = _numbered(resampled(grid, maps.kind, (2 * step, step)), maps.most, style)
    elif style == "colour":
        body = _halves(resampled(grid, maps.kind, (step, step)), maps.most)
    else:
        cells = resampled(grid, maps.kind, (2 * step, step))
        body = [Text("".join(_shade(level(value, maps.most, "count")) for value in row)) for row in cells]
    width = max(NARROWEST, *(len(line) for line in body))
    told = [Text(grid.title if len(grid.title) <= width else f"{grid.title[: width - 2]}.."), *body]
    for line in told:
        line.pad_right(width - len(line))
    return told


def _halves(cells: Cells, most: int) -> list[Text]:
    """Two rows of cells in each line: the upper one is the colour of the character, the lower one of its ground."""
    told = []
    for at in range(0, len(cells), 2):
        upper = [_colour(level(value, most, "count")) for value in cells[at]]
        lower = [f"on {_colour(level(value, most, 'count'))}" for row in cells[at + 1 : at + 2] for value in row]
        styles = [" ".join(pair) for pair in zip_longest(upper, lower, fillvalue="on default")]
        told.append(Text.assemble(*(("▀" * len(list(run)), style) for style, run in groupby(styles))))
    return told


def _numbered(cells: Cells, most: int, style: Style) -> list[Text]:
    """The number of a program in the first line of its tile, where there is room; the rest of the tile is filled."""
    told = []
    for at, row in enumerate(cells):
        above = cells[at - 1] if at else (-1,) * len(row)
        line = Text()
        for start, stop in _runs(row):
            value, room = row[start], stop - start
            name = HOLE_SHADE * room if value is None else str(value)
            first = above[start:stop] != row[start:stop]
            if style == "shades" and value is not None and len(name) > room:
                name, first = name[-1] * room, True
            filler = " " if style == "colour" else HOLE_SHADE if value is None else "."
            content = (name if first and len(name) <= room else "").ljust(room, filler)
            line.append(content, style=_on(level(value, most, "program")) if style == "colour" else "")
        told.append(line)
    return told


def _runs(row: Sequence[int | None]) -> Iterable[tuple[int, int]]:
    """Where neighbours are the same: first and one past the last."""
    edges = [0, *(at for at in range(1, len(row)) if row[at] != row[at - 1]), len(row)]
    return pairwise(edges)


def _beside(columns: Sequence[Sequence[Text]]) -> list[Text]:
    blank = [Text(" " * len(column[0])) for column in columns]
    told = []
    for at in range(max(map(len, columns))):
        parts = [column[at] if at < len(column) else blank[place] for place, column in enumerate(columns)]
        told.append(Text(" " * GAP).join(parts))
    return told


def _legend(maps: Maps, width: int, style: Style) -> list[Text]:
    """Each step and its numbers; programs in plain text are named in the map, so only their range is told."""
    entries = []
    if maps.kind == "program" and style == "shades":
        entries = [Text(f"programs 0 to {maps.most:,}; a number that does not fit is its last digit")]
        if any(step is None for step, _ in legend(maps)):
            entries.append(Text(f"{HOLE_SHADE} {maps.hole}"))
        return [Text(line) for entry in entries for line in wrapped(str(entry), width)]
    for step, numbers in legend(maps):
        swatch = ("  ", _on(step)) if style == "colour" else f"'{_shade(step)}'"
        first, *rest = textwrap.wrap(numbers, width - 4)
        entries += [Text.assemble(swatch, f" {first}"), *(Text(f"    {part}") for part in rest)]
    told, line = [], Text(f"{maps.unit}:")
    for entry in entries:
        if len(line) + GAP + len(entry) > width and len(line):
            told.append(line)
            line = Text()
        line = Text("  ").join([line, entry]) if len(line) else entry
    return [*told, line]


def _lanes(lanes: Lanes, width: int) -> list[str]:
    """Each sector as a box with a place for every element: # where a lane is."""
    told = wrapped(lanes.told, width)
    places = max(1, SECTOR // max(1, lanes.item))
    for first, inside in lanes.sectors[:MOST_SECTORS]:
        taken = {((lanes.offsets[lane] or 0) - first) * places // SECTOR for lane in inside}
        box = "".join("#" if place in taken else "." for place in range(places))
        told += wrapped(f"{first:>8,} |{box}| {_named(inside)}", width)
    if len(lanes.sectors) > MOST_SECTORS:
        told += wrapped(f"and {len(lanes.sectors) - MOST_SECTORS} sectors more", width)
    return told


def _named(lanes: Sequence[int]) -> str:
    """Such as `lanes 0 to 7`."""
    if len(lanes) == 1:
        return f"lane {lanes[0]}"
    together = lanes[-1] - lanes[0] == len(lanes) - 1
    return f"lanes {lanes[0]} to {lanes[-1]}" if together else f"{len(lanes)} lanes from {lanes[0]} on"


def _table(table: Table, width: int) -> list[str]:
    """The table; where it is wider than the terminal, one paragraph for each row."""
    widths = [max(map(len, column)) for column in zip(table.header, *table.rows, strict=True)]
    if sum(widths) + GAP * (len(widths) - 1) <= width:
        rows = [
            [row[0].ljust(widths[0]), *(cell.rjust(size) for cell, size in zip(row[1:], widths[1:], strict=True))]
            for row in (table.header, *table.rows)
        ]
        return [(" " * GAP).join(row).rstrip() for row in rows]
    told = []
    for name, *cells in table.rows:
        figures = ", ".join(f"{what} {cell}" for what, cell in zip(table.header[1:], cells, strict=True) if cell)
        told += wrapped(f"{name}: {figures}", width)
    return told


def _shade(step: int | None) -> str:
    return HOLE_SHADE if step is None else SHADES[step]


def _colour(step: int | None) -> str:
    return HOLE if step is None else VIRIDIS[step - 1] if step else NOTHING


def _on(step: int | None) -> str:
    """Text on a background: black on the light ones."""
    return f"{'black' if step is None or step > 5 else 'white'} on {_colour(step)}"
