"""The report as one HTML page that needs neither a network nor JavaScript."""

from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from mlsys_kernels.report import chart
from mlsys_kernels.report.compare import Comparison
from mlsys_kernels.report.markdown import comparison_in_words, environment, protocol
from mlsys_kernels.report.model import Contender, Model, rate, times


def page(model: Model, comparison: Comparison | None) -> str:
    """The whole report as HTML: style sheet and pictures inside, readable in light, dark, print and on a phone."""
    here = files("mlsys_kernels.report")
    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False).from_string(
        (here / "page.html.j2").read_text(encoding="utf-8")
    )
    return template.render(
        model=model,
        comparison=comparison,
        css=Markup((here / "page.css").read_text(encoding="utf-8")),
        colours=list(zip(_names(), chart.colours_used(), chart.DARK, strict=True)),
        variable=lambda contender: _names()[chart.colours_used().index(chart.colour(contender))],
        speed=_pictures(chart.speed_chart(model, chart.WIDE), chart.speed_chart(model, chart.NARROW)),
        speed_alt=_speed_in_words(model),
        not_drawn=_not_drawn(model),
        predicted=_pictures(chart.prediction_chart(model, chart.WIDE), chart.prediction_chart(model, chart.NARROW)),
        predicted_alt=_predictions_in_words(model),
        gflops=lambda name, n: record.gflops if (record := model.cells.get((name, n))) else None,
        comparison_in_words=comparison_in_words(comparison) if comparison else "",
        protocol=protocol(model),
        environment=environment(model),
        rate=rate,
        times=times,
    )


def _pictures(wide: str | None, narrow: str | None) -> list[tuple[str, Markup]]:
    return [(kind, Markup(svg)) for kind, svg in (("wide", wide), ("narrow", narrow)) if svg is not None]


def _names() -> list[str]:
    return ["c-ink", "c-faint", "c-grid", *(f"c-rung-{i}" for i in range(len(chart.RUNG_COLOURS)))]


def _speed_in_words(model: Model) -> str:
    n = model.sizes[-1]
    at_n = [(c, model.cells[c.name, n].gflops) for c in model.contenders if (c.name, n) in model.cells]
    ranked = sorted(at_n, key=lambda pair: -pair[1])
    listed = ", ".join(f"{contender.label} {rate(gflops)}" for contender, gflops in ranked)
    return f"GFLOP/s over n from {model.sizes[0]} to {n}. At n = {n}: {listed}. All numbers are in the table below."


def _predictions_in_words(model: Model) -> str:
    listed = "; ".join(
        f"{step.label} over {step.over}: predicted {times(step.predicted)}, measured {times(step.yours)}"
        for step in model.steps
        if step.predicted is not None and step.yours is not None
    )
    return f"Predicted and measured speed-ups. {listed}."


def _not_drawn(model: Model) -> str | None:
    missing: list[Contender] = [c for c in model.contenders if c not in chart.charted(model)]
    if not missing:
        return None
    record = next(record for record in model.run.records if record.contestant == missing[0].name)
    return f"Far below the chart: {missing[0].label}, {rate(record.gflops)} GFLOP/s at n = {record.n}."
