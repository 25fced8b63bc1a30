"""The report for a terminal: one table that fits its width, what each step was worth, and who was left out."""

from collections.abc import Callable

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from mlsys_kernels.report.compare import Comparison
from mlsys_kernels.report.model import BASELINE, Model, rate, times

STYLES = {"mine": "bold green", "library": "cyan", "python": "dim"}
GAP = 2
NARROW = 44
"""Below this width, the column of ratios is left out."""
ROOMY = 64
"""From this width on, every column of the steps is shown."""


def report(model: Model, comparison: Comparison | None, console: Console) -> None:
    """Print the report to the console, whose width and colours decide how."""
    run = model.run
    console.print(Text(model.headline, style="bold"))
    console.print(
        Text(f"{run.cpu or 'unknown processor'}; float32, one thread, square matrices, {run.when[:10]}", style="dim")
    )
    console.print()
    console.print(_speeds(model, console.width))
    if model.steps:
        console.print(_steps(model, console.width))
    if comparison is not None:
        console.print(_changes(comparison, console.width))
    for note in model.notes:
        console.print(Text(f"not timed  {note}", style="yellow"))


def _speeds(model: Model, width: int) -> RenderableType:
    last = {c.name: max(n for n in model.sizes if (c.name, n) in model.cells) for c in model.contenders}
    table, left_out = _by_size(
        model,
        width,
        "GFLOP/s at n =",
        lambda name, n: rate(record.gflops if (record := model.cells.get((name, n))) else None),
        ("of NumPy", lambda name: times(model.of_numpy(name, last[name]))) if width >= NARROW else None,
    )
    caption = (
        [Text("of NumPy: speed beside NumPy's, at the largest n of the row", style="dim")] if width >= NARROW else []
    )
    return Group(table, *left_out, *caption, Text())


def _by_size(
    shown: Model | Comparison,
    width: int,
    title: str,
    cell: Callable[[str, int], str],
    extra: tuple[str, Callable[[str], str]] | None = None,
) -> tuple[Table, list[Text]]:
    """One row per contestant, one column per size; where the terminal is narrow, the smallest sizes are left out."""
    rows = [contender for contender in shown.contenders if contender.name != BASELINE or isinstance(shown, Model)]
    room = width - max(len(title), *(len(contender.label) for contender in rows)) - GAP
    if extra:
        room -= GAP + max(len(extra[0]), *(len(extra[1](contender.name)) for contender in rows))
    sizes: list[int] = []
    for n in reversed(shown.sizes):
        room -= GAP + max(len(str(n)), *(len(cell(contender.name, n)) for contender in rows))
        if room < -GAP and sizes:  # the last column needs no gap
            break
        sizes.insert(0, n)
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim")
    table.add_column(title, no_wrap=True)
    for n in sizes:
        table.add_column(str(n), justify="right", no_wrap=True)
    if extra:
        table.add_column(extra[0], justify="right", no_wrap=True)
    for contender in rows:
        cells = [contender.label, *(cell(contender.name, n) for n in sizes)]
        if extra:
            cells.append(extra[1](contender.name))
        table.add_row(*map(Text, cells), style=STYLES.get(contender.role, ""))
    left_out = shown.sizes[: len(shown.sizes) - len(sizes)]
    note = f"left out, since the terminal is {width} columns wide: n = {', '.join(map(str, left_out))}"
    return table, [Text(note, style="dim")] if left_out else []


def _steps(model: Model, width: int) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim")
    roomy = width >= ROOMY
    for title in ("times faster", "than") if roomy else ("times faster",):
        table.add_column(title, no_wrap=True)
    for title in ("n", "predicted", "yours", "solution") if roomy else ("predicted", "yours"):
        table.add_column(title, justify="right", no_wrap=True)
    for step in model.steps:
        figures = [times(step.predicted), times(step.yours)]
        words = [step.label]
        if roomy:
            words, figures = [*words, step.over, str(step.n)], [*figures, times(step.solution)]
        table.add_row(*(Text(cell) for cell in words + figures))
    return Group(table, Text())


def _changes(comparison: Comparison, width: int) -> RenderableType:
    before = comparison.before.run
    table, left_out = _by_size(comparison, width, "change at n =", lambda name, n: times(comparison.ratio(name, n)))
    machine = "the same machine" if comparison.same_machine else "another machine"
    title = Text(f"Compared with {before.name} of {before.when[:10]}, {machine}, beside NumPy", style="bold")
    return Group(title, table, *left_out, Text())
