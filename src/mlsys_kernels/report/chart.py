"""The charts of the page, as SVG made with Altair: speed over size, and what was predicted beside what was measured.

The SVG carries concrete colours, so that it can be used by itself; the page replaces them by its own through
attribute selectors, which makes the same picture legible in light and dark. Nothing is fetched, no script is needed.
"""

import io
import math
import re
from dataclasses import dataclass
from typing import Any

from mlsys_kernels.report.model import Contender, Model, Step

INK, FAINT, GRID = "#1f2328", "#59636e", "#d1d9e0"
RUNG_COLOURS = ("#0072b2", "#c25100", "#007a5a", "#a6438a", "#8f6500", "#3f51b5", "#5f6b00", "#b3263f")
"""Chosen to differ in lightness as well as in hue, after the palette of Okabe and Ito (Color Universal Design, 2008,
https://jfly.uni-koeln.de/color/), darkened until each is legible as text on white."""
DARK = ("#e6edf3", "#9aa4ae", "#3d444d",
        "#58b0f0", "#ff9a52", "#35cfa0", "#e79bd0", "#e3b341", "#9fa8ff", "#cfdc5a", "#ff8080")  # fmt: skip
"""What the page puts in the place of `colours_used`, in the same order, on a dark screen."""
MARKERS = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
DASHES = {"line": (1, 0), "threads": (10, 3), "numpy": (6, 3), "torch": (2, 2)}
FONT = "system-ui, sans-serif"


@dataclass(frozen=True)
class Size:
    """How large a chart is, and whether its labels are set for a narrow screen."""

    width: int
    height: int
    narrow: bool


WIDE, NARROW = Size(680, 440, narrow=False), Size(236, 400, narrow=True)
LABEL_GAP = 15
"""Pixels between the lines of two labels."""


def speed_chart(model: Model, size: Size) -> str:
    """GFLOP/s over n, both logarithmic: one line per contestant, named where it ends."""
    import altair as alt

    drawn = charted(model)
    points: list[dict[str, Any]] = [
        {
            "who": contender.name,
            "n": n,
            "gflops": model.cells[contender.name, n].gflops,
            "colour": colour(contender),
            "shape": _marker(contender),
            "mine": contender.role == "mine",
            "dash": _dash(contender),
        }
        for contender in drawn
        for n in model.sizes
        if (contender.name, n) in model.cells
    ]
    speeds = [model.cells[point["who"], point["n"]].gflops for point in points]
    bottom, top = min(speeds) / 1.3, max(speeds) * 1.3
    labels = _labels(model, drawn, size, bottom, top)
    shapes, dashes = sorted({p["shape"] for p in points}), sorted({p["dash"] for p in points})
    x = alt.X(
        "n:Q",
        scale=alt.Scale(type="log", base=2, domain=[model.sizes[0], model.sizes[-1]], nice=False),
        axis=alt.Axis(
            values=list(model.sizes),
            format="d",
            title="n (matrices of n × n)",
            grid=False,
            labelOverlap="greedy",
            labelSeparation=8,
        ),
    )
    ticks = [step * 10.0**e for e in range(-6, 6) for step in (1, 2, 5) if bottom <= step * 10.0**e <= top]
    y = alt.Y(
        "gflops:Q",
        scale=alt.Scale(type="log", domain=[bottom, top], nice=False),
        axis=alt.Axis(values=ticks, format="~g", title="GFLOP/s", titleAngle=0, titleAlign="left", titleAnchor="end",
                      titleX=-30, titleY=-14),
    )  # fmt: skip
    kept = alt.Color("colour:N", scale=None)
    lines = (
        alt.Chart(alt.Data(values=points))
        .mark_line()
        .encode(
            x=x,
            y=y,
            color=kept,
            detail="who:N",
            strokeDash=alt.StrokeDash(
                "dash:N",
                scale=alt.Scale(domain=dashes, range=[list(DASHES.get(d, (1, 0))) for d in dashes]),
                legend=None,
            ),
            strokeWidth=alt.condition("datum.mine", alt.value(3), alt.value(1.5)),
        )
    )
    marks = (
        alt.Chart(alt.Data(values=points))
        .mark_point(filled=True, opacity=1)
        .encode(
            x=x,
            y=y,
            color=kept,
            shape=alt.Shape("shape:N", scale=alt.Scale(domain=shapes, range=shapes), legend=None),
            size=alt.condition("datum.mine", alt.value(90), alt.value(36)),
        )
    )
    names = [
        alt.Chart(alt.Data(values=[label for label in labels if label["mine"] is mine]))
        .mark_text(align="left", dx=9, baseline="middle", fontSize=12, fontWeight="bold" if mine else "normal")
        .encode(x=x, y=y, text="text:N", color=kept)
        for mine in (False, True)
    ]
    return _svg(alt.layer(lines, marks, *names).properties(width=size.width, height=size.height), size)


def prediction_chart(model: Model, size: Size) -> str | None:
    """What each step was predicted to be worth beside what it is, on one logarithmic axis; None without predictions."""
    import altair as alt

    steps = [step for step in model.steps if step.predicted is not None and step.yours is not None]
    if not steps:
        return None
    rows = [_step_label(step, size) for step in steps]
    values = [
        {"step": row, "times": value, "kind": kind}
        for row, step in zip(rows, steps, strict=True)
        for kind, value in (("predicted", step.predicted), ("measured", step.yours))
    ]
    spans = [{"step": row, "from": step.predicted, "to": step.yours} for row, step in zip(rows, steps, strict=True)]
    figures = [v["times"] for v in values if isinstance(v["times"], float)]
    domain = [min(0.5, *figures) * 0.8, max(2.0, *figures) * 1.3]
    scale = alt.Scale(type="log", domain=domain, nice=False)
    x = alt.X(
        "times:Q",
        scale=scale,
        axis=alt.Axis(title="times faster", format="~g", values=[10.0**e for e in range(-3, 7)]),
    )
    y = alt.Y("step:N", sort=rows, axis=alt.Axis(title=None, labelLimit=260))
    span = (
        alt.Chart(alt.Data(values=spans))
        .mark_rule(strokeWidth=2, color=FAINT)
        .encode(x=alt.X("from:Q", scale=scale), x2="to:Q", y=y)
    )
    kinds = ["predicted", "measured"]
    dots = (
        alt.Chart(alt.Data(values=values))
        .mark_point(filled=True, size=110, opacity=1)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=["diamond", "circle"])),
            color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[FAINT, RUNG_COLOURS[0]])),
        )
    )
    return _svg(alt.layer(span, dots).properties(width=size.width, height=34 * len(rows)), size)


def _step_label(step: Step, size: Size) -> str:
    """What is compared with what; on a narrow screen the numbers of the exercises have to do."""
    words = (step.label, step.over)
    if size.narrow:
        words = tuple(word.split(" ")[0 if word[0].isdigit() else -1] for word in words)  # type: ignore[assignment]
    return " / ".join(words)


def charted(model: Model) -> tuple[Contender, ...]:
    """Who is drawn: plain Python, a hundred times below everything else, would squeeze the rest into a corner."""
    rest = tuple(contender for contender in model.contenders if contender.role != "python")
    return rest or model.contenders


def colour(contender: Contender) -> str:
    """A rung's colour; the baselines are drawn in ink."""
    if contender.rung is None:
        return FAINT if contender.role == "python" else INK
    return RUNG_COLOURS[contender.rung % len(RUNG_COLOURS)]


def _dash(contender: Contender) -> str:
    if contender.name in DASHES:
        return contender.name
    return "threads" if contender.threads > 1 else "line"


def _marker(contender: Contender) -> str:
    if contender.rung is None:
        return "stroke" if contender.role == "library" else "diamond"
    return MARKERS[contender.rung % len(MARKERS)]


def _labels(model: Model, drawn: tuple[Contender, ...], size: Size, bottom: float, top: float) -> list[dict[str, Any]]:
    """A name at the end of each line, moved up or down until no two names touch."""
    pixels = size.height / math.log(top / bottom)
    ends: dict[int, list[tuple[float, Contender]]] = {}
    for contender in drawn:
        n = max(record.n for record in model.run.records if record.contestant == contender.name)
        y = math.log(model.cells[contender.name, n].gflops / bottom) * pixels
        ends.setdefault(n, []).append((y, contender))
    labels = []
    for n, at in ends.items():
        at.sort(key=lambda end: end[0])
        for y, (_, contender) in zip(spread([y for y, _ in at], LABEL_GAP, size.height), at, strict=True):
            text = contender.label
            if size.narrow and contender.rung is not None:  # the exercise's number, what comes after its name
                number, _, rest = text.partition(" ")
                marks = re.search(r"( ×\d+)?(, yours)?$", rest)
                text = number + (marks.group().replace(",", "") if marks else "")
            gflops, mine = bottom * math.exp(y / pixels), contender.role == "mine"
            labels.append({"n": n, "gflops": gflops, "text": text, "colour": colour(contender), "mine": mine})
    return labels


def spread(wanted: list[float], gap: float, top: float) -> list[float]:
    """Ascending positions near the wanted ones, at least `gap` apart; moved down as a whole if they pass `top`."""
    groups: list[tuple[float, int]] = []  # (mean of the wanted positions, how many)
    for position in wanted:
        groups.append((position, 1))
        while len(groups) > 1:
            (below, count), (above, more) = groups[-2:]
            if above - below >= gap * (count + more) / 2:
                break
            groups[-2:] = [((below * count + above * more) / (count + more), count + more)]
    placed = [mean + gap * (i - (count - 1) / 2) for mean, count in groups for i in range(count)]
    excess = max(0.0, placed[-1] - top) if placed else 0.0
    return [position - excess for position in placed]


def _svg(chart: Any, size: Size) -> str:
    """Render; the picture is hidden from screen readers, for whom the page says in words what it shows."""
    # Browsers set text a little wider than vl-convert expects: the padding keeps labels inside.
    padding = {"left": 12, "right": 36 if size.narrow else 48, "top": 4, "bottom": 4}
    chart = chart.configure(background="transparent", font=FONT, aria=False, padding=padding)
    chart = chart.configure_view(stroke=None)
    chart = chart.configure_axis(
        labelColor=INK, titleColor=INK, gridColor=GRID, domainColor=FAINT, tickColor=FAINT,
        labelFontSize=12, titleFontSize=12, titleFontWeight="normal",
    )  # fmt: skip
    chart = chart.configure_legend(labelColor=INK, titleColor=INK, title=None, orient="top", labelFontSize=12)
    out = io.StringIO()
    chart.save(out, format="svg")
    return out.getvalue().replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def colours_used() -> tuple[str, ...]:
    """Every colour that a chart may hold, in the order of the page's variables."""
    return (INK, FAINT, GRID, *RUNG_COLOURS)
