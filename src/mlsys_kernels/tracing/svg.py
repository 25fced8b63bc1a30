"""A picture as one SVG text that stands alone: no script, no font, no address outside; light or dark as the page is.

The larger a number, the more its cell stands out from the page: dark on a light one, light on a dark one. Every map,
and the whole picture, has a title and a description for those who hear it. The text stays below LARGEST bytes; where
the cells are too many for that, they are drawn in larger blocks, and the caption says so.
"""

import textwrap
from collections.abc import Sequence
from html import escape
from itertools import groupby

from mlsys_kernels.tracing.picture import (
    LEVELS,
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

LARGEST = 200_000
WIDTH, MARGIN, LINE = 760, 16, 18
SIDE = 224
"""The longer side of a map."""
BESIDE = 3
CHARACTERS, HEAD_CHARACTERS = 108, 88
"""Of a sentence that fits the width, and of a title, which is bold."""
BOX, BOXES = 84, 8
"""Width of a sector, and sectors of a row."""
HOLE = "#d55e00"


def svg(picture: Picture) -> str:
    """The whole picture."""
    drawn = ""
    for merge in (1, 2, 4, 8, 16, 32):
        drawn = _drawn(picture, merge)
        if len(drawn.encode()) < LARGEST:
            break
    return drawn


def _drawn(picture: Picture, merge: int) -> str:
    """With `merge` times `merge` cells drawn as one."""
    at, parts = MARGIN, []
    for place, sentence in enumerate((picture.title, *picture.sentences)):
        for line in textwrap.wrap(sentence, CHARACTERS if place else HEAD_CHARACTERS):
            at += LINE
            parts.append(_text(MARGIN, at, line, "" if place else "head"))
    for maps in picture.maps:
        drawn, at = _maps(maps, at + 2 * LINE, merge)
        parts += drawn
    for lanes in picture.lanes:
        drawn, at = _lanes(lanes, at + 2 * LINE)
        parts += drawn
    if picture.table.header:
        drawn, at = _table(picture.table, at + 2 * LINE)
        parts += drawn
    height = at + MARGIN
    told = ". ".join((*picture.sentences, *(lanes.told for lanes in picture.lanes)))
    return "\n".join((
        f'<svg xmlns="http://www.w3.org/2000/svg" class="mlk-trace" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img">',
        f"<title>{_safe(picture.title)}</title>",
        f"<desc>{_safe(told)}.</desc>",
        f"<style>{_style()}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
        *parts,
        "</svg>\n",
    ))  # fmt: skip


def _style() -> str:
    """Rules for this picture alone, since a page that holds it shares its style sheet."""
    size = "font:13px ui-sans-serif,system-ui,sans-serif"
    rules = [f"text{{{size};fill:#1f2328}}", ".head{font-weight:600}", ".dim{fill:#59636e}", ".page{fill:#ffffff}",
             ".edge{fill:none;stroke:#8c959f}", ".end{text-anchor:end;font-variant-numeric:tabular-nums}",
             ".small{font-size:11px}", ".tile{text-anchor:middle}", ".seam{fill:none;stroke:#8c959f;stroke-width:0.5}",
             ".path{fill:none;stroke:#8c959f;stroke-opacity:0.7}", f".none{{fill:{HOLE}}}",
             ".s0{fill:#eaeef2}"]  # fmt: skip
    rules += [f".s{step}{{fill:{VIRIDIS[LEVELS - 1 - step]}}}" for step in range(1, LEVELS)]
    rules += [f".on{step}{{fill:{'#000000' if step < 5 else '#ffffff'}}}" for step in range(1, LEVELS)]
    dark = ["text{fill:#e6edf3}", ".dim{fill:#9198a1}", ".page{fill:#0d1117}", ".s0{fill:#21262d}"]
    dark += [f".s{step}{{fill:{VIRIDIS[step - 1]}}}" for step in range(1, LEVELS)]
    dark += [f".on{step}{{fill:{'#ffffff' if step < 5 else '#000000'}}}" for step in range(1, LEVELS)]
    by_day, by_night = ("".join(f".mlk-trace {rule}" for rule in each) for each in (rules, dark))
    return f"{by_day}@media(prefers-color-scheme:dark){{{by_night}}}"


def _maps(maps: Maps, at: int, merge: int) -> tuple[list[str], int]:
    parts = [_text(MARGIN, at, maps.title, "head")]
    at += LINE
    for first in range(0, len(maps.grids), BESIDE):
        row = maps.grids[first : first + BESIDE]
        for place, grid in enumerate(row):
            parts += _grid(grid, maps, MARGIN + place * (SIDE + MARGIN), at, merge)
        at += LINE + max(_box(grid)[1] for grid in row) + LINE
    left = MARGIN + _length(maps.unit) + 12
    parts.append(_text(MARGIN, at, maps.unit))
    for step, numbers in legend(maps):
        wide = 20 + _length(numbers) + 14
        if left + wide > WIDTH - MARGIN:
            left, at = MARGIN, at + LINE
        parts.append(f'<rect class="{_class(step)}" x="{left}" y="{at - 11}" width="14" height="14"/>')
        parts.append(_text(left + 20, at, numbers))
        left += wide
    if merge > 1:
        at += LINE
        parts.append(_text(MARGIN, at, f"{merge} x {merge} cells are drawn as one", "dim"))
    return parts, at


def _grid(grid: Grid, maps: Maps, left: int, top: int, merge: int) -> list[str]:
    cell = grid.cell[0] * merge, grid.cell[1] * merge
    cells = grid.cells if merge == 1 else resampled(grid, maps.kind, cell)
    wide, tall = _box(grid)
    # In units of elements, so that a cell at the edge is cut off where the array ends.
    across, down = wide / grid.shape[1], tall / grid.shape[0]
    paths: dict[int | None, list[str]] = {}
    for step, (row, column, rows, columns) in _blocks([[level(v, maps.most, maps.kind) for v in r] for r in cells]):
        x, y = column * cell[1], row * cell[0]
        w, h = min(columns * cell[1], grid.shape[1] - x), min(rows * cell[0], grid.shape[0] - y)
        paths.setdefault(step, []).append(f"M{x} {y}h{w}v{h}h-{w}z")
    title = grid.title if len(grid.title) < 34 else f"{grid.title[:31]}..."
    parts = [f"<g><title>{_safe(f'{grid.title}: {maps.title}')}</title>", _text(left, top, title)]
    parts.append(f'<g transform="translate({left} {top + 7}) scale({across:.6g} {down:.6g})" '
                 'shape-rendering="crispEdges">')  # fmt: skip
    parts += [f'<path class="{_class(step)}" d="{"".join(path)}"/>' for step, path in paths.items()]
    parts.append("</g>")
    parts.append(f'<rect class="edge" x="{left}" y="{top + 7}" width="{wide}" height="{tall}"/>')
    if maps.kind == "program":
        parts += _programs(cells, maps.most, (left, top + 7), (across * cell[1], down * cell[0]))
    return [*parts, "</g>"]


def _programs(cells: Cells, most: int, corner: tuple[int, int], size: tuple[float, float]) -> list[str]:
    """Where there is room: the number of a program in its tile, and a line through the tiles in their order.

    `corner` is the left and top of the map, `size` the width and height of a cell.
    """
    middles: dict[int, tuple[float, float]] = {}
    seams, written = [], []
    for value, (row, column, rows, columns) in _blocks(cells):
        wide, tall = columns * size[0], rows * size[1]
        if value is None or tall < 14 or wide < 8 * len(str(value)) + 4:
            continue
        left, top = corner[0] + column * size[0], corner[1] + row * size[1]
        x, y = left + wide / 2, top + tall / 2
        middles.setdefault(value, (x, y))
        seams.append(f'<rect class="seam" x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{tall:.1f}"/>')
        shade = f"tile small on{level(value, most, 'program')}"
        written.append(f'<text class="{shade}" x="{x:.1f}" y="{y + 4:.1f}">{value}</text>')
    points = " ".join(f"{x:.1f},{y:.1f}" for _, (x, y) in sorted(middles.items()))
    path = [f'<polyline class="path" points="{points}"/>'] if len(middles) > 1 else []
    return [*seams, *path, *written]


def _blocks(cells: Sequence[Sequence[int | None]]) -> list[tuple[int | None, tuple[int, int, int, int]]]:
    """Rectangles of neighbours that are the same: the value, and row, column, rows and columns."""
    found: list[tuple[int | None, tuple[int, int, int, int]]] = []
    open_runs: dict[tuple[int | None, int, int], int] = {}  # value, column and columns: the row it began in
    for row, line in enumerate((*cells, ())):
        runs, column = {}, 0
        for value, run in groupby(line):
            columns = len(list(run))
            runs[value, column, columns] = row
            column += columns
        for ended in [key for key in open_runs if key not in runs]:
            first = open_runs.pop(ended)
            found.append((ended[0], (first, ended[1], row - first, ended[2])))
        open_runs = runs | open_runs
    return found


def _box(grid: Grid) -> tuple[int, int]:
    """Width and height of a map, at least 10 each; elements are square unless it is very long."""
    rows, columns = grid.shape
    longer = max(rows, columns)
    return max(10, SIDE * columns // longer), max(10, SIDE * rows // longer)


def _lanes(lanes: Lanes, at: int) -> tuple[list[str], int]:
    """A ruler of bytes: sectors as boxes, the bytes that lanes take filled, a tick where a lane begins."""
    parts = [f"<g><title>{_safe(lanes.told)}</title>", _text(MARGIN, at, lanes.told, "head")]
    per_byte = BOX / SECTOR
    for place, (first, inside) in enumerate(lanes.sectors):
        left, top = MARGIN + place % BOXES * (BOX + 8), at + 10 + place // BOXES * 42
        for lane in inside:
            x = left + ((lanes.offsets[lane] or 0) - first) * per_byte
            wide = min(lanes.item * per_byte, left + BOX - x)
            parts.append(f'<rect class="s5" x="{x:.4g}" y="{top}" width="{wide:.4g}" height="18"/>')
            parts.append(f'<path class="edge" d="M{x:.4g} {top}v18"/>')
        parts.append(f'<rect class="edge" x="{left}" y="{top}" width="{BOX}" height="18"/>')
        named = f"lane {inside[0]}" if len(inside) == 1 else f"lanes {inside[0]}-{inside[-1]}"
        parts.append(_text(left, top + 30, f"{first:,}: {named}", "small dim"))
    return [*parts, "</g>"], at + 42 * -(-len(lanes.sectors) // BOXES)


def _table(table: Table, at: int) -> tuple[list[str], int]:
    columns = len(table.header) - 1
    step = min(100, (WIDTH - 2 * MARGIN - 160) // columns)
    parts = []
    for place, row in enumerate((table.header, *table.rows)):
        name = row[0] if len(row[0]) < 24 else f"{row[0][:21]}..."
        parts.append(_text(MARGIN, at + place * LINE, name, "" if place else "dim"))
        for column, cell in enumerate(row[1:], start=1):
            shade = "end" if place else "end dim"
            parts.append(_text(MARGIN + 160 + column * step, at + place * LINE, cell, shade))
    return parts, at + len(table.rows) * LINE


def _text(x: float, y: float, words: str, shade: str = "") -> str:
    kind = f' class="{shade}"' if shade else ""
    return f'<text{kind} x="{x:g}" y="{y:g}">{_safe(words)}</text>' if words else ""


def _safe(words: str) -> str:
    """For XML, which has no place for some characters at all."""
    return escape("".join(char if char.isprintable() else "?" for char in words))


def _length(words: str) -> int:
    """About how wide a text is drawn."""
    return 8 * len(words)


def _class(step: int | None) -> str:
    return "none" if step is None else f"s{step}"
