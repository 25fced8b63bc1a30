"""`mlk report` as it is used, above all on records that are damaged, foreign or newer."""

import contextlib
import json
import math
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from mlsys_kernels.cli import app
from mlsys_kernels.report import write
from mlsys_kernels.report.markdown import markdown
from mlsys_kernels.report.model import Model
from mlsys_kernels.report.read import BadRunError, read_run


def _ours(changed: dict) -> dict:
    return changed["benchmarks"][0]["extra_info"]["mlsys"]


BAD_TEXTS = {  # what becomes of the text of a good record, and what the answer says
    "empty": (lambda _good: "", "empty"),
    "truncated": (lambda good: good[:-400], "truncated"),
    "truncated-in-a-text": (lambda good: good[:30], "truncated"),
    "not-json": (lambda _good: "<html></html>", "not JSON"),
    "a-list": (lambda _good: "[1, 2]", "not a pytest-benchmark file"),
    "foreign-json": (lambda _good: '{"results": []}', "not a pytest-benchmark file"),
    "foreign-benchmarks": (lambda _good: '{"benchmarks": [{"name": "x", "stats": {"median": 1.0}}]}', "nothing in it"),
    "huge": (lambda good: good.replace('"flops": 524288', '"flops": 1e999', 1), "flops"),
    "deep": (lambda _good: "[" * 100_000, "not JSON"),
}

BAD_VALUES = {  # what is changed in a good record, and what the answer says
    "nan": (lambda d: d["benchmarks"][0]["stats"].update(data=[math.nan]), "NaN"),
    "infinity": (lambda d: d["benchmarks"][0]["stats"].update(data=[math.inf]), "Infinity"),
    "newer-record": (lambda d: _ours(d).update(schema=2), "update mlsys-kernels"),
    "newer-run": (lambda d: d["mlsys"].update(schema=7), "format 7"),
    "no-schema": (lambda d: _ours(d).pop("schema"), "schema"),
    "zero-seconds": (lambda d: d["benchmarks"][0]["stats"].update(data=[0.0]), "more than 0"),
    "negative-seconds": (lambda d: d["benchmarks"][0]["stats"].update(data=[-1.0]), "more than 0"),
    "text-for-seconds": (lambda d: d["benchmarks"][0]["stats"].update(data=["1"]), "not a number"),
    "no-stats": (lambda d: d["benchmarks"][0].pop("stats"), "seconds"),
    "name-is-a-number": (lambda d: _ours(d).update(contestant=5), "not a text"),
    "no-name": (lambda d: _ours(d).pop("contestant"), "contestant"),
    "fractional-size": (lambda d: _ours(d).update(shape=[1.5, 1.5, 1.5]), "whole number"),
    "twice": (lambda d: d["benchmarks"].append(d["benchmarks"][0]), "appears twice"),
    "benchmark-is-text": (lambda d: d["benchmarks"].append("x"), "not a table"),
    "notes-are-text": (lambda d: d["mlsys"].update(notes="none"), "notes"),
    "environment-is-a-list": (lambda d: d["mlsys"].update(environment=[]), "not a table"),
}


def _refused(path: Path, out: Path, words: str) -> None:
    result = CliRunner().invoke(app, ["report", str(path), "--out", str(out)])

    assert result.exit_code == 2
    assert result.stdout == ""
    assert words in result.stderr
    assert result.stderr.startswith("mlk report: ")
    assert len(result.stderr.strip().splitlines()) == 1
    assert not out.exists()


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_a_damaged_or_foreign_file_is_answered_with_one_sentence_and_exit_code_2(name, write_run, tmp_path, fake_run):
    damage, words = BAD_TEXTS[name]

    _refused(write_run(damage(json.dumps(fake_run.document()))), tmp_path / "out", words)


@pytest.mark.parametrize("name", BAD_VALUES)
def test_a_value_that_cannot_be_is_answered_with_one_sentence_and_exit_code_2(name, write_run, tmp_path, fake_run):
    change, words = BAD_VALUES[name]
    changed = fake_run.document()
    change(changed)

    _refused(write_run(changed), tmp_path / "out", words)


def test_a_missing_file_a_folder_and_a_binary_file_are_told_apart(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name, words in (("gone.json", "does not exist"), (".", "is a folder"), ("binary", "not a text file")):
        with pytest.raises(BadRunError, match=words):
            read_run(tmp_path / name)


@given(seed=st.integers(0, 2**32))
def test_a_record_with_one_value_replaced_is_read_or_refused_but_never_crashes(seed, tmp_path_factory, fake_run):
    rng = random.Random(seed)
    node = changed = fake_run.document(sizes=(64,))
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


def test_the_report_is_written_as_markdown_and_as_a_page(write_run, tmp_path, fake_run):
    out = tmp_path / "a folder" / "reports"

    result = CliRunner().invoke(app, ["report", str(write_run(fake_run.document())), "--out", str(out)])

    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "report.md"]
    assert "| NumPy | 1.00× | 1.00× | 1.00× |" in (out / "report.md").read_text()
    assert "GFLOP/s at n =" in result.stdout


def test_an_earlier_report_survives_a_disk_that_is_full(write_run, tmp_path, monkeypatch, fake_run):
    out = tmp_path / "reports"
    out.mkdir()
    for name in ("index.html", "report.md"):
        (out / name).write_text("earlier")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write.os, "fsync", full)
    result = CliRunner().invoke(app, ["report", str(write_run(fake_run.document())), "--out", str(out)])

    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    assert {path.name: path.read_text() for path in out.iterdir()} == {"index.html": "earlier", "report.md": "earlier"}


def test_an_output_that_is_a_file_is_refused(write_run, tmp_path, fake_run):
    (tmp_path / "taken").write_text("mine")

    result = CliRunner().invoke(app, ["report", str(write_run(fake_run.document())), "--out", str(tmp_path / "taken")])

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
