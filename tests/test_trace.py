"""`mlk trace`: pictures of accesses, in the terminal and as SVG; and every way to get none."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsys_kernels.course.catalog import CATALOG
from mlsys_kernels.course.spec import Tile
from mlsys_kernels.grading import trace_calls
from mlsys_kernels.tracing.cpu_picture import cpu_picture
from mlsys_kernels.tracing.picture import LEVELS, Grid, Lanes, Maps, Picture, Table, legend, level, resampled
from mlsys_kernels.tracing.picture_text import HOLE_SHADE, lines
from mlsys_kernels.tracing.svg import LARGEST, svg
from mlsys_kernels.tracing.triton_picture import triton_picture

MLK = Path(sys.executable).with_name("mlk")
ROOT = Path(__file__).parents[1]
NAIVE = (ROOT / "solutions" / "01_naive.py").read_text(encoding="utf-8")
TILED = (ROOT / "solutions" / "21_tiled_dot.py").read_text(encoding="utf-8")
TABLE = Table(("array", "loads", "lines"), (("a", "110,592", "144"), ("a long name of an array", "7", "7")))
NAMESPACE = "{http://www.w3.org/2000/svg}"


def mlk(*words: object, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([MLK, "trace", *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=300,
                          env=os.environ | environment)  # fmt: skip
    assert "Traceback" not in done.stderr + done.stdout
    return done


def picture(*maps: Maps, lanes: tuple[Lanes, ...] = ()) -> Picture:
    return Picture("01: matmul", ("one sentence, with 1,234 in it",), maps, lanes, TABLE)


def counted(*grids: Grid) -> Maps:
    return Maps("how often each element is read", "count", "reads", "not known", grids)


def written(*grids: Grid) -> Maps:
    return Maps("which program writes each element", "program", "program", "never written", grids)


@st.composite
def grids(draw) -> Grid:
    """Maps of any shape, whose cells stand for several elements, those at the edge for fewer."""
    shape = draw(st.tuples(st.integers(1, 24), st.integers(1, 24)))
    cell = draw(st.tuples(st.integers(1, 20), st.integers(1, 20)))
    rows, columns = (-(-size // step) for size, step in zip(shape, cell, strict=True))
    palette = draw(st.lists(st.none() | st.just(0) | st.integers(0, 2**40), min_size=1, max_size=5))
    at = draw(st.integers(1, 97))
    cells = tuple(tuple(palette[(r * at + c) % len(palette)] for c in range(columns)) for r in range(rows))
    return Grid(draw(st.text("abc_", min_size=1, max_size=30)), shape, cell, cells)


drawings = st.lists(grids(), min_size=1, max_size=4).flatmap(
    lambda drawn: st.sampled_from((picture(counted(*drawn)), picture(written(*drawn))))
)


@settings(max_examples=40)
@given(drawings, st.integers(20, 130), st.sampled_from(("colour", "shades")))
def test_no_line_is_wider_than_the_terminal(drawing, width, style):
    assert max(line.cell_len for line in lines(drawing, width, style)) <= width


@settings(max_examples=40)
@given(drawings)
def test_without_colours_everything_is_plain_ascii(drawing):
    assert all(line.plain.isascii() for line in lines(drawing, 80, "shades"))


@settings(max_examples=40)
@given(drawings)
def test_svg_is_well_formed_and_stands_alone(drawing):
    drawn = svg(drawing)
    root = ElementTree.fromstring(drawn)
    assert root.find(f"{NAMESPACE}title").text
    assert root.find(f"{NAMESPACE}desc").text
    assert "http" not in drawn.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not root.findall(f".//{NAMESPACE}script")
    assert len(drawn.encode()) < LARGEST


@settings(max_examples=40)
@given(drawings)
def test_every_number_is_in_the_legend(drawing):
    maps = drawing.maps[0]
    told = legend(maps)
    ranges = [[int(end.replace(",", "")) for end in text.split(" to ")] for step, text in told if step is not None]
    for value in {value for grid in maps.grids for row in grid.cells for value in row}:
        if value is None:
            assert told[-1] == (None, maps.hole)
        else:
            assert any(each[0] <= value <= each[-1] for each in ranges)


@given(st.integers(0, 2**40), st.integers(0, 2**40), st.sampled_from(("count", "program")))
def test_a_larger_number_is_never_drawn_lower(one, other, kind):
    low, high = sorted((one, other))
    assert 0 <= level(low, high, kind) <= level(high, high, kind) == (LEVELS - 1 if high else int(kind == "program"))
    assert (level(low, high, kind) == 0) == (low == 0 and kind == "count")


@given(grids(), st.integers(1, 80), st.integers(1, 80))
def test_a_cell_of_a_coarser_map_shows_the_most_of_what_it_covers(grid, rows, columns):
    assert max(
        (v for row in resampled(grid, "count", (rows, columns)) for v in row if v is not None), default=None
    ) == (max((v for row in grid.cells for v in row if v is not None), default=None))


def test_a_hole_among_programs_survives_drawing_in_blocks():
    cells = tuple(tuple(None if (r, c) == (5, 9) else 3 for c in range(40)) for r in range(40))
    grid = Grid("c", (40, 40), (1, 1), cells)
    assert resampled(grid, "program", (8, 8))[0] == (3, None, 3, 3, 3)
    told = "\n".join(line.plain for line in lines(picture(written(grid)), 30, "shades"))
    assert f"{HOLE_SHADE} never written" in told


def test_maps_that_hold_a_single_number_are_told_in_a_line():
    grid = Grid("a", (64, 64), (1, 1), ((4,) * 64,) * 64)
    assert "a 64 x 64: 4 reads everywhere" in [x.plain for x in lines(picture(counted(grid)), 40, "shades")]


def test_a_map_in_blocks_says_so():
    grid = Grid("a", (64, 64), (1, 1), ((2,) * 64, *((1,) * 64,) * 63))
    assert "one character is 4 x 2 elements" in "\n".join(x.plain for x in lines(picture(counted(grid)), 40, "shades"))


def test_programs_are_named_in_their_tiles():
    grid = Grid("c", (8, 8), (1, 1), tuple(tuple(r // 4 * 2 + c // 4 for c in range(8)) for r in range(8)))
    told = [line.plain for line in lines(picture(written(grid)), 80, "shades")]
    assert {"0...1...", "2...3..."} < set(told)
    drawn = ElementTree.fromstring(svg(picture(written(grid))))
    tiles = [each.text for each in drawn.iter(f"{NAMESPACE}text") if "tile" in each.get("class", "")]
    assert tiles == ["0", "1", "2", "3"]


def test_a_map_of_many_different_cells_is_drawn_in_blocks_as_svg():
    noise = tuple(tuple((r * 7919 + c * 104729) % 1009 for c in range(192)) for r in range(192))
    drawn = svg(picture(counted(Grid("a", (192, 192), (1, 1), noise))))
    assert len(drawn.encode()) < LARGEST
    assert re.search(r"\d+ x \d+ cells are drawn as one", drawn)


def test_lanes_that_are_far_apart_touch_a_sector_each():
    near = Lanes("a", "load", 4, tuple(range(0, 128, 4)))
    far = Lanes("a", "load", 4, tuple(range(0, 8192, 256)))
    assert [len(lanes.sectors) for lanes in (near, far)] == [4, 32]
    assert "touch 32 sectors of 32 bytes; 4 would hold as much" in far.told
    told = "\n".join(line.plain for line in lines(picture(lanes=(near, far)), 80, "shades"))
    assert "|########| lanes 8 to 15" in told
    assert "|#.......| lane 1" in told
    assert "and 26 sectors more" in told
    assert "and 26 sectors more" not in svg(picture(lanes=(far,)))


def test_text_of_a_stranger_is_no_markup():
    grid = Grid("<b>&[red]", (1, 1), (1, 1), ((1,),))
    assert "<b>" not in svg(picture(counted(grid)))
    assert any("<b>&[red]" in line.plain for line in lines(picture(counted(grid)), 80, "shades"))


FORGED = ({}, {"launches": []}, {"line_bytes": True, "lines_held": 1}, {"launched": 1, "launches": [3]},
          {"launched": 1, "launches": [{"bytes_loaded": -1, "bytes_stored": 0}]})  # fmt: skip


@pytest.mark.parametrize("counts", FORGED)
@pytest.mark.parametrize("draw", [cpu_picture, triton_picture])
def test_forged_counts_are_refused_as_the_grader_expects(draw, counts):
    with pytest.raises((LookupError, TypeError, ValueError)):
        draw(counts, "")


def test_every_exercise_has_a_call_to_trace_or_a_reason_why_not():
    for exercise in CATALOG:
        if exercise.slug not in trace_calls.NO_KERNEL:
            (call,) = trace_calls.made(exercise, np.random.default_rng(1), Tile())
            assert set(call.sizes) >= {"BLOCK_M"} & set(exercise.tiles.values())
    assert set(trace_calls.NO_KERNEL) < {exercise.slug for exercise in CATALOG}


@pytest.fixture
def changed(tmp_path: Path):
    """Write a solution with `old` replaced by `new`, outside of every gym; return the file."""

    def write(old: str, new: str, source: str = NAIVE, name: str = "01_naive.py") -> Path:
        assert old in source
        path = tmp_path / name
        path.write_text(source.replace(old, new), encoding="utf-8")
        return path

    return write


def test_01_fetches_a_line_of_b_for_every_multiplication():
    done = mlk("solutions/01_naive.py", NO_COLOR="1", COLUMNS="80")
    assert done.returncode == 0
    assert "110,592 lines of b, 98% of all" in done.stdout
    assert re.search(r"^\.{24}  @{24}  ={24}$", done.stdout, re.M)
    assert "fetches:  '.' 1  '=' 17  '@' 768" in done.stdout


def test_04_is_drawn_within_40_columns_without_colours():
    done = mlk("solutions/04_loop_order.py", NO_COLOR="1", COLUMNS="40", FORCE_COLOR="1")
    assert done.returncode == 0
    assert not re.search(r"\x1b\[[0-9;]*[34][0-9]", done.stdout)
    assert max(len(re.sub(r"\x1b\[[0-9]+m", "", line)) for line in done.stdout.splitlines()) <= 40


def test_21_reads_each_element_four_times_and_names_the_program_of_each_tile(tmp_path):
    done = mlk("solutions/21_tiled_dot.py", "--svg", tmp_path / "21.svg", COLUMNS="80")
    assert done.returncode == 0
    assert "a 64 x 64, b 64 x 64: 4 reads everywhere" in done.stdout
    assert "0.......4.......8.......12......" in done.stdout
    assert "524,288 FLOP of tl.dot: 3.56 per byte; 10.7 if each element were moved once" in done.stdout
    drawn = ElementTree.parse(tmp_path / "21.svg").getroot()
    tiles = {each.text for each in drawn.iter(f"{NAMESPACE}text") if "tile" in each.get("class", "")}
    assert tiles == {str(number) for number in range(16)}


def test_26_draws_the_tile_map_of_its_triton_kernel():
    done = mlk("solutions/26_dispatch.py", COLUMNS="80")
    assert done.returncode == 0
    assert "0.......1.......2.......3......." in done.stdout


def test_json_is_one_object_with_the_counts():
    done = mlk("solutions/01_naive.py", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["exercise"], told["verdict"]) == (0, "01_naive", "passed")
    assert told["counts"]["lines"] == 113_184


def test_a_stub_has_nothing_to_trace(changed):
    source = "def matmul(a, b):\n    raise NotImplementedError('gap')\n"
    done = mlk(changed("", "", source))
    assert (done.returncode, done.stdout) == (3, "")
    assert "matmul is still to be written" in done.stderr


def test_a_wrong_kernel_gets_its_message_and_no_picture(changed, tmp_path):
    path = changed("    m, k = a.shape\n", "    m, k = a.shape\n    k = k - 1\n")
    done = mlk(path, "--svg", tmp_path / "01.svg")
    assert done.returncode == 1
    assert re.search(r"^cause   .+", done.stdout, re.M)
    assert "768" not in done.stdout
    assert not (tmp_path / "01.svg").exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [("while True: pass", "still computing after 2 s"),
     ("hoard = [bytearray(1 << 24) for _ in range(1 << 12)]", "memory"),
     ("import os; os._exit(0)", "ended"), ("1 / 0", "ZeroDivisionError")],
)  # fmt: skip
def test_a_kernel_that_misbehaves_gets_a_verdict(changed, line, told):
    done = mlk(changed("    c = np.zeros", f"    {line}\n    c = np.zeros"), "--case-seconds", 2)
    assert done.returncode == 1
    assert told in done.stdout.lower() + done.stdout


def test_a_kernel_that_prints_a_megabyte_is_drawn_without_it(changed):
    done = mlk(changed("    c = np.zeros", "    print('x' * 1_000_000)\n    c = np.zeros"))
    assert done.returncode == 0
    assert len(done.stdout) < 5_000


def test_what_the_interpreter_lacks_is_a_sentence(changed):
    path = changed("tl.store(", "tl.inline_asm_elementwise('nop', '=r,r', [acc], tl.float32, True, 1)\n    tl.store(",
                   TILED, "21_tiled_dot.py")  # fmt: skip
    done = mlk(path)
    assert done.returncode in (1, 5)
    assert "inline_asm_elementwise" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [(["99"], 2, "there is no exercise 99"), (["no/such/01_naive.py"], 4, "01_naive.py"),
     (["solutions/01_naive.py", "--svg", "docs"], 2, "docs is a folder"),
     (["solutions/01_naive.py", "--svg", "no/such/a.svg"], 2, "no such folder"),
     (["06", "--case-seconds", "0"], 2, "60"), (["solutions/11_roofline.py"], 2, "mlk trace 21"),
     (["stray.py"], 2, "--exercise")],
)  # fmt: skip
def test_bad_input_is_one_sentence(words, code, told):
    done = mlk(*words)
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_file_of_another_name_is_traced_as_what_it_is_said_to_be(changed):
    assert mlk(changed("", "", NAIVE, "mine.py"), "--exercise", "01").returncode == 0
