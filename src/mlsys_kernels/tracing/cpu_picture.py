"""The picture of a CPU kernel's accesses: which lines of each array the model of a cache fetches, and how often.

Counts are those of `traffic`. An array of more or fewer than two axes is in the table only, as is what does not fit
beside MOST_MAPS others.
"""

from collections.abc import Mapping
from typing import Any

from mlsys_kernels.tracing.picture import Grid, Maps, Picture, Table, figure, read_grid, sizes, text, whole

MOST_MAPS = 6
MOST_ARRAYS = 12


def cpu_picture(counts: Mapping[str, Any], title: str) -> Picture:
    """Draw what `traffic.counts()` counted; `title` says of which file and call.

    Raises:
        LookupError, TypeError, ValueError: these are other counts.
    """
    line, held = whole(counts["line_bytes"]), whole(counts["lines_held"])
    maps = sorted(counts["misses"], key=lambda drawn: -sum(map(sum, drawn["lines"])))
    names = [array["name"] for array in counts["arrays"]]
    shown = sorted(maps[:MOST_MAPS], key=lambda drawn: names.index(drawn["array"]))
    grids = tuple(_grid(drawn, counts) for drawn in shown)
    sentences = [
        f"a model of a cache: {held:,} lines of {line:,} bytes, {_pages(counts)}",
        f"{whole(counts['loads']):,} loads and {whole(counts['stores']):,} stores fetch "
        f"{whole(counts['lines']):,} lines and {whole(counts['pages']):,} pages",
        *_busiest(counts["busiest"], line),
    ]
    if len(maps) > MOST_MAPS:
        sentences.append(f"{len(maps) - MOST_MAPS} more arrays are in the table only")
    drawn_maps = Maps(f"how often each line of {line:,} bytes is fetched", "count", "fetches", "no line", grids)
    return Picture(title, tuple(sentences), (drawn_maps,) if grids else (), (), _table(counts))


def _pages(counts: Mapping[str, Any]) -> str:
    pages, entries = counts["page_bytes"], counts["pages_held"]
    return "no model of pages" if not entries else f"{whole(entries):,} pages of {whole(pages):,} bytes"


def _grid(drawn: Mapping[str, Any], counts: Mapping[str, Any]) -> Grid:
    """Rows of lines as the tracer gives them, or columns of lines where the array lies column by column."""
    rows, columns = sizes(drawn["shape"])
    lines = drawn["lines"]
    by_row = drawn["order"] == "C"
    per_line = _per_line(columns if by_row else rows, len(lines[0]), counts)
    cells = lines if by_row else list(zip(*lines, strict=True))
    return read_grid(text(drawn, "array"), (rows, columns), (1, per_line) if by_row else (per_line, 1), cells)


def _per_line(elements: int, lines: int, counts: Mapping[str, Any]) -> int:
    """Elements in a line: the largest power of two that makes so many lines of them; 1 if none does."""
    largest = whole(counts["line_bytes"])
    return next((size for size in (largest >> at for at in range(16)) if size and -(-elements // size) == lines), 1)


def _busiest(busiest: Mapping[str, Any] | None, line_bytes: int) -> tuple[str, ...]:
    if busiest is None:
        return ()
    steps = ", ".join(str(step)[:40] for step in busiest["steps"][:6])
    apart = busiest["step_bytes"]
    stride = "" if apart is None else f"; {abs(int(apart)):,} bytes from one to the next, {line_bytes} in a line"
    return (
        f"line {whole(busiest['line'])} of the file fetches most: {whole(busiest['lines']):,} lines of "
        f"{text(busiest, 'array')}, {100 * float(busiest['share']):.0f}% of all, "
        f"{figure(busiest['lines_per_step'])} for each access",
        f"it touches {steps}, ... one after the other{stride}",
    )


def _table(counts: Mapping[str, Any]) -> Table:
    rows = []
    for array in counts["arrays"][:MOST_ARRAYS]:
        made = "argument" if array["made"] is None else f"line {whole(array['made'])}"
        shape = " x ".join(f"{whole(size):,}" for size in array["shape"])
        figures = (figure(whole(array[what])) for what in ("loads", "stores", "lines", "pages"))
        rows.append((text(array, "name"), shape, *figures, made))
    rows.append(("all", "", *(figure(whole(counts[what])) for what in ("loads", "stores", "lines", "pages")), ""))
    return Table(("array", "shape", "loads", "stores", "lines", "pages", "made in"), tuple(rows))
