"""The report as Markdown, short enough for a pull request."""

from collections.abc import Callable, Iterable, Sequence

from mlsys_kernels.report.compare import Comparison
from mlsys_kernels.report.model import Model, rate, times


def markdown(model: Model, comparison: Comparison | None) -> str:
    """The whole report as one Markdown document."""
    run = model.run
    parts = [
        "# The ladder, measured",
        f"**{_escaped(model.headline)}**",
        _escaped(f"{run.cpu or 'Unknown processor'}, float32, one thread, square matrices. {run.when[:10]}."),
        "## GFLOP/s",
        _by_size(model, lambda name, n: rate(record.gflops if (record := model.cells.get((name, n))) else None)),
        "## Speed beside NumPy's",
        _by_size(model, lambda name, n: times(model.of_numpy(name, n))),
    ]
    if model.steps:
        rows = [
            (step.label, step.over, str(step.n), times(step.predicted), times(step.yours), times(step.solution))
            for step in model.steps
        ]
        parts += [
            "## What each step was worth",
            _table(("times faster", "than", "n", "predicted", "yours", "solution"), rows, text_columns=2),
        ]
    if comparison is not None:
        parts += _compared(comparison)
    parts += ["## How it was measured", *protocol(model)]
    parts += [_table(("", ""), environment(model), text_columns=2)]
    if model.notes:
        parts += ["Not timed:", "\n".join(f"- {_escaped(note)}" for note in model.notes)]
    return "\n\n".join(parts) + "\n"


def protocol(model: Model) -> tuple[str, ...]:
    """How the numbers came about, in sentences."""
    counts = [len(record.seconds) for record in model.run.records]
    return (
        "All contestants of one size ran side by side in one process, in blocks of about a millisecond, in a new "
        "random order in each round; a slow one takes part in fewer rounds. Shown is the median of "
        f"{_span(min(counts), max(counts))} blocks, allocation of the result included, compilation not.",
        "Everything runs on one thread, NumPy and torch too; ×2 behind a name means that it had two, and so on.",
        "Before timing, each had to give an exact product bit for bit. Operands are normal random numbers, row-major, "
        "aligned to 64 bytes, and stay in the caches as far as they fit. GFLOP/s = 2 n^3 / time / 10^9.",
        "A ratio within one run can be trusted further than the GFLOP/s themselves, which move with whatever else the "
        "machine does. These are medians without an interval: differences of a few percent may be chance.",
    )


def environment(model: Model) -> list[tuple[str, str]]:
    """Where it was measured, as (what, value)."""
    run = model.run
    rows = [
        ("Processor", run.cpu or "unknown"),
        ("Cores", str(run.cores) if run.cores else "unknown"),
        ("System", run.system or "unknown"),
        ("Measured", run.when[:16].replace("T", " ")),
        ("Python", run.python),
        *run.versions.items(),
        ("Threads", ", ".join(f"{name}: {count}" for name, count in run.threads.items()) or "unknown"),
    ]
    compiled = [
        f"{contender.label} {seconds:.2f} s"
        for contender in model.contenders
        if (seconds := next((r.compile_s for r in run.records if r.contestant == contender.name), None)) is not None
    ]
    return [*rows, ("Compilation, apart", ", ".join(compiled) or "none")]


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _compared(comparison: Comparison) -> list[str]:
    before = comparison.before.run
    parts = [
        f"## Compared with {_escaped(before.name)}",
        f"{comparison_in_words(comparison)} How many times faster than then, as shares of NumPy's speed:",
        _by_size(comparison, lambda name, n: times(comparison.ratio(name, n))),
    ]
    if comparison.same_machine:
        parts += [
            "By the clock, which also sees what else the machine was doing:",
            _by_size(comparison, lambda name, n: times(comparison.in_seconds(name, n))),
        ]
    for words, names in (("Only in this run", comparison.only_now), ("Only in the other", comparison.only_before)):
        if names:
            parts.append(f"{words}: {_escaped('; '.join(names))}.")
    return parts


def comparison_in_words(comparison: Comparison) -> str:
    """What is compared with what, and whether seconds may be."""
    before = comparison.before.run
    return f"That run is of {before.when[:16].replace('T', ' ')}, on {before.cpu or 'an unknown processor'}. " + (
        "Both come from the same machine, so seconds are compared too."
        if comparison.same_machine
        else "The two come from different machines, or do not say from which, so seconds are not compared."
    )


def _by_size(rows_and_sizes: Model | Comparison, cell: Callable[[str, int], str]) -> str:
    sizes = rows_and_sizes.sizes
    rows = [(c.label, *(cell(c.name, n) for n in sizes)) for c in rows_and_sizes.contenders]
    return _table(("", *(f"n = {n}" for n in sizes)), rows, text_columns=1)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], text_columns: int) -> str:
    rule = ["---" if column < text_columns else "---:" for column in range(len(head))]
    lines = [head, rule, *([_escaped(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _escaped(text: str) -> str:
    """Text in which nothing is a mark of Markdown or of HTML."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "\\`*_[]|":
        text = text.replace(mark, "\\" + mark)
    return text
