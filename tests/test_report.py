"""The report: what is read from a record, what is said about it, and what a damaged record leads to."""

import contextlib
import copy
import io
import itertools
import json
import math
import random
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from mlsys_kernels.cli import app
from mlsys_kernels.report import chart, write
from mlsys_kernels.report.compare import compare
from mlsys_kernels.report.markdown import markdown
from mlsys_kernels.report.model import Model, rate, times
from mlsys_kernels.report.page import page
from mlsys_kernels.report.read import BadRunError, read_run
from mlsys_kernels.report.terminal import report

SPEEDS = {  # GFLOP/s, the same at every size, and what each rung improves on
    "python": (0.025, None),
    "solution:01_naive": (2.0, "python"),
    "mine:01_naive": (1.0, "python"),
    "solution:04_loop_order": (16.0, "01_naive"),
    "solution:06_tiled": (4.0, "04_loop_order"),
    "mine:06_tiled": (8.0, "04_loop_order"),
    "torch": (60.0, None),
    "numpy": (64.0, None),
}
LARGEST = {"python": 64, "solution:01_naive": 256, "mine:01_naive": 256}


def bench(name: str, n: int, gflops: float, over: str | None, predicted: float | None = None, at: int = 4096) -> dict:
    """One benchmark as pytest-benchmark writes it; the samples' median is exact."""
    seconds = 2 * n**3 / gflops / 1e9
    role = name.split(":")[0] if ":" in name else "python" if name == "python" else "library"
    slug, _, threads = name.partition(":")[2].partition("@")
    ours = {
        "schema": 1, "op": "matmul", "contestant": name, "role": role, "shape": [n, n, n], "dtype": "float32",
        "exercise": slug or None, "threads": int(threads or 1), "flops": 2 * n**3, "bytes": 12 * n * n,
        "duel": f"duel{n}", "rounds": [0, 1, 2], "compile_s": 0.4 if ":" in name else None,
        "predicted_speedup": predicted, "speedup_over": over, "speedup_n": at,
    }  # fmt: skip
    data = [seconds * 1.5, seconds, seconds * 0.75]
    return {"name": f"test[{n}-{name}]", "extra_info": {"mlsys": ours}, "stats": {"data": data, "median": seconds}}


def document(speeds=SPEEDS, sizes=(64, 256, 512), machine="abc") -> dict:
    """A whole record."""
    benches = [
        bench(name, n, gflops, over, 100.0 if name == "mine:01_naive" else 3.0 if name == "mine:06_tiled" else None)
        for n in sizes
        for name, (gflops, over) in speeds.items()
        if n <= LARGEST.get(name, 4096)
    ]
    environment = {"machine": machine, "cpu": "A CPU", "cores": 2, "system": "Linux", "python": "3.11.7",
                   "versions": {"numpy": "2.4.6"}}  # fmt: skip
    note = {"contestant": "mine:04_loop_order", "n": 64, "why": "it is todo", "failed": False}
    run = {
        "schema": 1,
        "environment": environment,
        "threads": {"numba": 1},
        "protocol": {"budget_s": 0.3},
        "notes": [note],
    }
    return {"benchmarks": benches, "datetime": "2026-11-22T21:45:57+00:00", "machine_info": {}, "mlsys": run}


@pytest.fixture
def write_run(tmp_path):
    """Write a record and return its path."""

    def written(content, name="run.json") -> Path:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return written


@pytest.fixture
def model(write_run):
    """The model of the whole record."""
    return Model(read_run(write_run(document())))


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


def test_a_step_is_told_at_the_size_that_the_exercise_asks_about_if_that_was_measured(write_run):
    changed = document()
    changed["benchmarks"] = [b for b in changed["benchmarks"] if b["extra_info"]["mlsys"]["exercise"] != "06_tiled"]
    changed["benchmarks"] += [
        bench("mine:06_tiled", n, 8.0 + n / 256, "04_loop_order", 3.0, at=256) for n in (64, 256, 512)
    ]

    steps = {step.label: step for step in Model(read_run(write_run(changed))).steps}

    assert (steps["06 tiled"].n, steps["06 tiled"].yours) == (256, pytest.approx(9 / 16))


def test_a_rung_that_is_about_threads_is_judged_by_its_time_on_all_of_them(write_run):
    speeds = {
        "numpy": (64.0, None),
        "solution:08_register_tile": (20.0, None),
        "mine:09_parallel": (19.0, "08_register_tile"),
        "mine:09_parallel@4": (60.0, "08_register_tile"),
    }
    model = Model(read_run(write_run(document(speeds))))

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


def _changed(change) -> dict:
    changed = copy.deepcopy(document())
    change(changed)
    return changed


def _ours(changed: dict) -> dict:
    return changed["benchmarks"][0]["extra_info"]["mlsys"]


BAD = {
    "empty": ("", "empty"),
    "truncated": (json.dumps(document())[:-400], "truncated"),
    "truncated-in-a-text": (json.dumps(document())[:30], "truncated"),
    "not-json": ("<html></html>", "not JSON"),
    "a-list": ("[1, 2]", "not a pytest-benchmark file"),
    "foreign-json": ('{"results": []}', "not a pytest-benchmark file"),
    "foreign-benchmarks": ({"benchmarks": [{"name": "x", "stats": {"median": 1.0}}]}, "nothing in it was measured"),
    "nan": (json.dumps(_changed(lambda d: d["benchmarks"][0]["stats"].update(data=[math.nan]))), "NaN"),
    "infinity": (json.dumps(_changed(lambda d: d["benchmarks"][0]["stats"].update(data=[math.inf]))), "Infinity"),
    "huge": (json.dumps(document()).replace('"flops": 524288', '"flops": 1e999', 1), "flops"),
    "newer-record": (_changed(lambda d: _ours(d).update(schema=2)), "update mlsys-kernels"),
    "newer-run": (_changed(lambda d: d["mlsys"].update(schema=7)), "format 7"),
    "no-schema": (_changed(lambda d: _ours(d).pop("schema")), "schema"),
    "zero-seconds": (_changed(lambda d: d["benchmarks"][0]["stats"].update(data=[0.0])), "more than 0"),
    "negative-seconds": (_changed(lambda d: d["benchmarks"][0]["stats"].update(data=[-1.0])), "more than 0"),
    "text-for-seconds": (_changed(lambda d: d["benchmarks"][0]["stats"].update(data=["1"])), "not a number"),
    "no-stats": (_changed(lambda d: d["benchmarks"][0].pop("stats")), "seconds"),
    "name-is-a-number": (_changed(lambda d: _ours(d).update(contestant=5)), "not a text"),
    "no-name": (_changed(lambda d: _ours(d).pop("contestant")), "contestant"),
    "fractional-size": (_changed(lambda d: _ours(d).update(shape=[1.5, 1.5, 1.5])), "whole number"),
    "twice": (_changed(lambda d: d["benchmarks"].append(d["benchmarks"][0])), "appears twice"),
    "benchmark-is-text": (_changed(lambda d: d["benchmarks"].append("x")), "not a table"),
    "notes-are-text": (_changed(lambda d: d["mlsys"].update(notes="none")), "notes"),
    "environment-is-a-list": (_changed(lambda d: d["mlsys"].update(environment=[])), "not a table"),
    "deep": ("[" * 100_000, "not JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_record_is_answered_with_one_sentence_and_exit_code_2(name, write_run, tmp_path):
    content, words = BAD[name]
    out = tmp_path / "out"

    result = CliRunner().invoke(app, ["report", str(write_run(content)), "--out", str(out)])

    assert result.exit_code == 2
    assert result.stdout == ""
    assert words in result.stderr
    assert result.stderr.startswith("mlk report: ")
    assert len(result.stderr.strip().splitlines()) == 1
    assert not out.exists()


def test_a_missing_file_a_folder_and_a_binary_file_are_told_apart(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name, words in (("gone.json", "does not exist"), (".", "is a folder"), ("binary", "not a text file")):
        with pytest.raises(BadRunError, match=words):
            read_run(tmp_path / name)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_record_with_one_value_replaced_is_read_or_refused_but_never_crashes(seed, tmp_path_factory):
    rng = random.Random(seed)
    node = changed = document(sizes=(64,))
    path = []
    while isinstance(node, dict | list) and node:
        key = rng.choice(list(node) if isinstance(node, dict) else range(len(node)))
        path.append((node, key))
        node = node[key]
    parent, key = rng.choice(path)
    parent[key] = rng.choice([None, True, -1, 0, 1e308, 2**70, "", "x" * 400, "\x1b[2J", [], {}, [[]], {"a": None}])
    file = tmp_path_factory.getbasetemp() / f"changed-{seed}.json"
    file.write_text(json.dumps(changed))

    with contextlib.suppress(BadRunError):
        assert markdown(Model(read_run(file)), None)
    file.unlink()


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
    assert "04 loop order, yours: it is todo" in text


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


def test_names_from_a_strangers_file_stay_text_in_every_face(write_run):
    evil = "<script>alert(1)</script>[red]|x\x1b[2J"
    speeds = {"numpy": (64.0, None), f"mine:{evil}": (1.0, None), evil: (2.0, None)}
    model = Model(read_run(write_run(document(speeds))))
    console = Console(width=100, record=True, file=io.StringIO())
    report(model, None, console)
    shown = console.export_text()

    assert "<script" not in page(model, None)
    assert "<script" not in markdown(model, None)
    assert "[red]" in shown
    assert "\x1b" not in shown
    assert "|x" not in markdown(model, None).replace("\\|x", "")


@settings(deadline=None)
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


def test_no_color_is_respected(write_run, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")

    result = CliRunner().invoke(app, ["report", str(write_run(document()))], color=True)

    assert result.exit_code == 0
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", result.stdout)


def test_runs_of_one_machine_are_compared_in_seconds_too_and_others_are_not(write_run):
    now = Model(read_run(write_run(document())))
    half = {name: (gflops / 2, over) for name, (gflops, over) in SPEEDS.items()}
    same, other = (Model(read_run(write_run(document(half, machine=m), f"{m}.json"))) for m in ("abc", "xyz"))

    assert compare(now, same).in_seconds("mine:06_tiled", 512) == pytest.approx(2.0)
    assert compare(now, same).ratio("mine:06_tiled", 512) == pytest.approx(1.0)
    assert compare(now, other).in_seconds("mine:06_tiled", 512) is None
    assert "seconds are not compared" in markdown(now, compare(now, other))
    assert "By the clock" not in markdown(now, compare(now, other))


def test_a_machine_that_is_not_named_is_never_the_same_machine(write_run):
    unknown = Model(read_run(write_run(document(machine=None))))

    assert not compare(unknown, unknown).same_machine


def test_a_comparison_names_who_is_missing_on_either_side(write_run):
    now = Model(read_run(write_run(document())))
    before = {name: speed for name, speed in SPEEDS.items() if "06" not in name} | {"mkl": (70.0, None)}
    comparison = compare(now, Model(read_run(write_run(document(before), "before.json"))))

    assert comparison.only_now == ("06 tiled", "06 tiled, yours")
    assert comparison.only_before == ("mkl",)
    assert "mkl" in page(now, comparison)


def test_runs_without_a_common_case_are_refused(write_run):
    now, before = write_run(document(sizes=(64,))), write_run(document(sizes=(512,)), "before.json")

    result = CliRunner().invoke(app, ["report", str(now), str(before)])

    assert result.exit_code == 2
    assert "no contestant in common" in result.stderr


def test_the_report_is_written_as_markdown_and_as_a_page(write_run, tmp_path):
    out = tmp_path / "a folder" / "reports"

    result = CliRunner().invoke(app, ["report", str(write_run(document())), "--out", str(out)])

    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "report.md"]
    assert "| NumPy | 1.00× | 1.00× | 1.00× |" in (out / "report.md").read_text()
    assert "GFLOP/s at n =" in result.stdout


def test_an_earlier_report_survives_a_disk_that_is_full(write_run, tmp_path, monkeypatch):
    out = tmp_path / "reports"
    out.mkdir()
    for name in ("index.html", "report.md"):
        (out / name).write_text("earlier")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write.os, "fsync", full)
    result = CliRunner().invoke(app, ["report", str(write_run(document())), "--out", str(out)])

    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    assert {path.name: path.read_text() for path in out.iterdir()} == {"index.html": "earlier", "report.md": "earlier"}


def test_an_output_that_is_a_file_is_refused(write_run, tmp_path):
    (tmp_path / "taken").write_text("mine")

    result = CliRunner().invoke(app, ["report", str(write_run(document())), "--out", str(tmp_path / "taken")])

    assert result.exit_code == 2
    assert (tmp_path / "taken").read_text() == "mine"


def test_the_report_imports_nothing_that_measures_grades_or_teaches():
    code = (
        "import sys, mlsys_kernels.report.write, mlsys_kernels.report.terminal, mlsys_kernels.report.page\n"
        "print([m for m in sys.modules if m.startswith(('mlsys_kernels.bench', 'mlsys_kernels.grading',"
        " 'mlsys_kernels.course', 'numba', 'torch', 'triton', 'altair'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_command_line_itself_imports_nothing_heavy():
    code = (
        "import sys, mlsys_kernels.cli\n"
        "print([m for m in ('numpy', 'numba', 'torch', 'altair', 'jinja2', 'pytest') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bench", "99"], "99 is not a rung"),
        (["bench", "--sizes", "8:4"], "sizes"),
        (["bench", "--json", "."], "is a folder"),
    ],
)
def test_a_benchmark_that_cannot_be_is_refused_before_anything_runs(arguments, words):
    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 2
    assert words in result.stderr
