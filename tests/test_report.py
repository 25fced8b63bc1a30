"""The report: what is read from a record, what is said about it, and what a damaged record leads to."""

import io
import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from mlsys_kernels.cli import app
from mlsys_kernels.report import chart
from mlsys_kernels.report.compare import compare
from mlsys_kernels.report.markdown import markdown
from mlsys_kernels.report.model import Model, rate, times
from mlsys_kernels.report.page import page
from mlsys_kernels.report.read import read_run
from mlsys_kernels.report.terminal import report


@pytest.fixture
def model(write_run, fake_run):
    """The model of the whole record."""
    return Model(read_run(write_run(fake_run.document())))


def test_a_record_is_read_back_as_it_was_written(model):
    record = model.cells["solution:06_tiled", 512]

    assert record.gflops == pytest.approx(4.0)
    assert record.seconds[1] == record.median_s == 2 * 512**3 / 4.0 / 1e9
    assert (record.duel, record.rounds, record.speedup_over, record.compile_s) == (
        "duel512",
        (0, 1, 2),
        "04_loop_order",
        0.4,
    )
    assert model.run.machine == "abc"


def test_contestants_come_in_the_order_of_the_ladder_and_yours_after_the_solution(model):
    assert [contender.label for contender in model.contenders] == [
        "plain Python", "01 naive", "01 naive, yours", "04 loop order", "06 tiled", "06 tiled, yours", "torch", "NumPy"
    ]  # fmt: skip


def test_speed_is_told_as_a_share_of_numpys_at_the_same_size(model):
    assert model.of_numpy("mine:06_tiled", 512) == pytest.approx(8 / 64)
    assert model.of_numpy("mine:06_tiled", 128) is None


def test_a_step_compares_yours_and_the_solution_with_the_solution_below_at_the_largest_common_size(model):
    steps = {step.label: step for step in model.steps}

    assert (steps["01 naive"].over, steps["01 naive"].n) == ("plain Python", 64)
    assert steps["01 naive"].predicted == 100.0
    assert steps["01 naive"].yours == pytest.approx(40)
    assert steps["01 naive"].solution == pytest.approx(80)
    assert (steps["04 loop order"].n, steps["04 loop order"].yours) == (256, None)
    assert steps["06 tiled"].n == 512
    assert steps["06 tiled"].yours == pytest.approx(0.5)


def test_a_step_is_told_at_the_size_that_the_exercise_asks_about_if_that_was_measured(write_run, fake_run):
    changed = fake_run.document()
    changed["benchmarks"] = [b for b in changed["benchmarks"] if b["extra_info"]["mlsys"]["exercise"] != "06_tiled"]
    changed["benchmarks"] += [
        fake_run.bench("mine:06_tiled", n, 8.0 + n / 256, "04_loop_order", 3.0, at=256) for n in (64, 256, 512)
    ]

    steps = {step.label: step for step in Model(read_run(write_run(changed))).steps}

    assert (steps["06 tiled"].n, steps["06 tiled"].yours) == (256, pytest.approx(9 / 16))


def test_a_rung_that_is_about_threads_is_judged_by_its_time_on_all_of_them(write_run, fake_run):
    speeds = {
        "numpy": (64.0, None),
        "solution:08_register_tile": (20.0, None),
        "mine:09_parallel": (19.0, "08_register_tile"),
        "mine:09_parallel@4": (60.0, "08_register_tile"),
    }
    model = Model(read_run(write_run(fake_run.document(speeds))))

    assert [(step.label, step.yours) for step in model.steps] == [("09 parallel, 4 threads", pytest.approx(3.0))]
    assert [c.label for c in model.contenders] == [
        "08 register tile",
        "09 parallel, yours",
        "09 parallel ×4, yours",
        "NumPy",
    ]
    assert model.headline.startswith("Your 09 parallel reaches 19.0 GFLOP/s")


def test_the_headline_is_about_your_fastest_file_at_the_largest_size(model):
    assert model.headline == "Your 06 tiled reaches 8.00 GFLOP/s at n = 512; NumPy is 8.0 times faster."


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(None, "–"), (0.00064, "0.00064×"), (0.02, "0.020×"), (0.5, "0.50×"), (12.34, "12.3×"), (1234, "1,234×")],
)
def test_ratios_have_two_or_three_digits(ratio, text):
    assert times(ratio) == text


def test_an_unknown_speed_is_a_dash_and_never_a_number():
    assert rate(None) == "–"


class Tags(HTMLParser):
    """Collects the tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Note a tag."""
        self.seen.append((tag, dict(attrs)))


def test_the_page_fetches_nothing_and_runs_nothing(model):
    text = page(model, compare(model, model))
    tags = Tags(text).seen

    assert not {tag for tag, _ in tags} & {"script", "img", "iframe", "object", "embed", "base", "form"}
    assert all(not key.startswith("on") and key != "src" for _, attributes in tags for key in attributes)
    links = [value for tag, attributes in tags for key, value in attributes.items() if key in ("href", "xlink:href")]
    assert all(value.startswith(("#", "data:,")) for value in links)
    assert set(re.findall(r"https?://[^\s\"'<)]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "@import" not in text
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", text))
    assert len(text) < 400_000


def test_the_page_says_in_words_and_tables_what_its_charts_show(model):
    text = page(model, None)

    assert text.count('role="img"') == 4
    assert all(attributes["aria-label"] for _, attributes in Tags(text).seen if attributes.get("role") == "img")
    assert "NumPy 64.0" in text
    for cell in ("100×", "40.0×", "80.0×", "0.12×", "64.0"):
        assert f">{cell}</td>" in text
    assert "your 04: still todo" in text


def test_two_charts_in_one_page_share_no_identifier(model):
    identifiers = re.findall(r'\bid="([^"]+)"', page(model, None))

    assert len(identifiers) == len(set(identifiers))


def test_every_colour_in_a_chart_is_one_that_the_page_can_replace_in_the_dark(model):
    used = set()
    for size in (chart.WIDE, chart.NARROW):
        for svg in (chart.speed_chart(model, size), chart.prediction_chart(model, size)):
            used |= set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]+|rgb[^"]+|[a-z]+)"', svg)) - {"none", "transparent"}

    assert used <= set(chart.colours_used())


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_text_colour_is_legible_on_white_and_on_dark_paper():
    css = (Path(chart.__file__).parent / "page.css").read_text()
    assert "--paper: #ffffff" in css
    assert "--paper: #0d1117" in css
    for light, dark in zip(chart.colours_used(), chart.DARK, strict=True):
        if light != chart.GRID:
            assert _contrast(light, "#ffffff") >= 4.5, light
            assert _contrast(dark, "#0d1117") >= 4.5, dark


def test_names_from_a_strangers_file_stay_text_in_every_face(write_run, fake_run):
    evil = "<script>alert(1)</script>[red]|x\x1b[2J"
    speeds = {"numpy": (64.0, None), f"mine:{evil}": (1.0, None), evil: (2.0, None)}
    model = Model(read_run(write_run(fake_run.document(speeds))))
    console = Console(width=100, record=True, file=io.StringIO())
    report(model, None, console)
    shown = console.export_text()

    assert "<script" not in page(model, None)
    assert "<script" not in markdown(model, None)
    assert "[red]" in shown
    assert "\x1b" not in shown
    assert "|x" not in markdown(model, None).replace("\\|x", "")


@given(
    wanted=st.lists(st.floats(0, 400), max_size=20).map(sorted),
    gap=st.floats(1, 20),
)
def test_labels_keep_their_order_and_their_distance(wanted, gap):
    placed = chart.spread(wanted, gap, top=400)

    assert len(placed) == len(wanted)
    assert all(above - below >= gap * 0.999 for below, above in itertools.pairwise(placed))
    assert all(position <= 400.001 for position in placed)


def test_labels_that_are_far_apart_stay_where_they_are():
    assert chart.spread([10, 50, 300], 15, 400) == [10, 50, 300]


@pytest.mark.parametrize("width", [24, 32, 40, 50, 64, 80, 120])
def test_the_terminal_report_fits_its_width(model, width):
    console = Console(width=width, record=True, file=io.StringIO())
    report(model, compare(model, model), console)
    lines = console.export_text().splitlines()

    assert max(map(len, lines)) <= width
    assert any("64.0" in line and "NumPy" in line for line in lines)


def test_no_color_is_respected(write_run, monkeypatch, fake_run):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")

    result = CliRunner().invoke(app, ["report", str(write_run(fake_run.document()))], color=True)

    assert result.exit_code == 0
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", result.stdout)


def test_runs_of_one_machine_are_compared_in_seconds_too_and_others_are_not(write_run, fake_run):
    now = Model(read_run(write_run(fake_run.document())))
    half = {name: (gflops / 2, over) for name, (gflops, over) in fake_run.speeds.items()}
    same, other = (Model(read_run(write_run(fake_run.document(half, machine=m), f"{m}.json"))) for m in ("abc", "xyz"))

    assert compare(now, same).in_seconds("mine:06_tiled", 512) == pytest.approx(2.0)
    assert compare(now, same).ratio("mine:06_tiled", 512) == pytest.approx(1.0)
    assert compare(now, other).in_seconds("mine:06_tiled", 512) is None
    assert "seconds are not compared" in markdown(now, compare(now, other))
    assert "By the clock" not in markdown(now, compare(now, other))


def test_a_machine_that_is_not_named_is_never_the_same_machine(write_run, fake_run):
    unknown = Model(read_run(write_run(fake_run.document(machine=None))))

    assert not compare(unknown, unknown).same_machine


def test_a_comparison_names_who_is_missing_on_either_side(write_run, fake_run):
    now = Model(read_run(write_run(fake_run.document())))
    before = {name: speed for name, speed in fake_run.speeds.items() if "06" not in name} | {"mkl": (70.0, None)}
    comparison = compare(now, Model(read_run(write_run(fake_run.document(before), "before.json"))))

    assert comparison.only_now == ("06 tiled", "06 tiled, yours")
    assert comparison.only_before == ("mkl",)
    assert "mkl" in page(now, comparison)


def test_runs_without_a_common_case_are_refused(write_run, fake_run):
    now, before = write_run(fake_run.document(sizes=(64,))), write_run(fake_run.document(sizes=(512,)), "before.json")

    result = CliRunner().invoke(app, ["report", str(now), str(before)])

    assert result.exit_code == 2
    assert "no contestant in common" in result.stderr
