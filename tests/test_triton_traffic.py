"""The memory traffic of a Triton kernel is counted to the byte, the same in every process and order of programs."""

import importlib.util
import json
import os
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="needs torch and triton")

PROGRAMS_AND_WAVES, LAUNCHES = 512, 6


def _printed(*how: str) -> dict[str, Any]:
    script = Path(__file__).with_name("counted_traffic.py")
    run = subprocess.run(
        [sys.executable, str(script), *how],
        env=os.environ | {"TRITON_INTERPRET": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])  # a kernel prints as well
    return found


@cache
def _found() -> dict[str, Any]:
    return _printed()


def _tensor(counts: dict[str, Any], name: str) -> dict[str, Any]:
    (launch,) = counts["launches"]
    (tensor,) = (tensor for tensor in launch["tensors"] if tensor["name"] == name)
    return dict(tensor)


def _picture(counts: dict[str, Any], name: str) -> dict[str, Any]:
    (launch,) = counts["launches"]
    (picture,) = (picture for picture in launch["pictures"] if picture["name"] == name)
    return dict(picture)


@pytest.mark.parametrize("n", [64, 128])
@pytest.mark.parametrize("block", [16, 32, 64])
def test_a_tiled_product_loads_each_operand_once_for_every_tile_across(n: int, block: int) -> None:
    counts = _found()["tiled"][f"{n} {block}"]
    tiles = n // block
    for name in ("a", "b"):
        operand = _tensor(counts, name)
        assert operand["loads"] == n * n * tiles
        assert operand["bytes_loaded"] == 4 * n * n * tiles
        assert operand["unique_bytes_loaded"] == 4 * n * n
        assert operand["redundancy"] == tiles
        assert operand["bytes_stored"] == operand["masked_lanes"] == 0
        assert operand["is_input"] is True
        assert operand["shape"] == [n, n]
    c = _tensor(counts, "c")
    assert (c["loads"], c["stores"], c["is_input"]) == (0, n * n, False)
    assert c["bytes_stored"] == c["unique_bytes_stored"] == 4 * n * n
    assert (c["written_twice"], c["never_written"], c["redundancy"]) == (0, 0, None)


@pytest.mark.parametrize("n", [64, 128])
@pytest.mark.parametrize("block", [16, 32, 64])
def test_the_flops_of_a_product_are_2mnk_and_its_intensity_follows_from_the_block(n: int, block: int) -> None:
    (launch,) = _found()["tiled"][f"{n} {block}"]["launches"]
    assert launch["dot_flops"] == 2 * n**3
    assert launch["intensity"] == 2 * n**3 / (4 * (2 * n**3 // block + n * n))
    assert launch["ideal_intensity"] == 2 * n**3 / (4 * 3 * n * n)
    assert launch["grid"] == [n // block, n // block, 1]
    assert launch["programs"] == (n // block) ** 2


@pytest.mark.parametrize(("block", "intensity"), [(16, 3.76), (32, 7.11), (64, 12.80)])
def test_intensities_of_128_cubed_in_float32(block: int, intensity: float) -> None:
    counts = _found()["tiled"][f"128 {block}"]
    assert round(counts["intensity"], 2) == intensity
    assert round(counts["ideal_intensity"], 2) == 21.33


def test_float16_moves_half_the_bytes() -> None:
    short, long = _found()["tiled, float16"], _found()["tiled"]["64 32"]
    assert short["loads"] == long["loads"]
    assert 2 * short["bytes_loaded"] == long["bytes_loaded"]
    assert _tensor(short, "a")["itemsize"] == 2


@pytest.mark.parametrize(("group", "tiles"), [("1", 90), ("3", 54)])
def test_a_wave_of_9_programs_loads_90_tiles_row_by_row_and_54_in_a_block(group: str, tiles: int) -> None:
    (launch,) = _found()["grouped"][group]["launches"]
    assert launch["wave_bytes"] == 9 * [tiles * 16 * 16 * 4]


def test_waves_are_of_programs_as_a_gpu_starts_them_the_first_axis_fastest() -> None:
    (launch,) = _found()["wave of a wide grid"]["launches"]
    assert launch["grid"] == [2, 4, 1]
    assert launch["wave_bytes"] == 2 * [(2 + 2) * 32 * 32 * 4]  # 2 tiles of A and 2 of B, not 1 and 4
    assert launch["order"] == [0, 2, 4, 6, 1, 3, 5, 7]


def test_without_a_wave_all_programs_are_one() -> None:
    (launch,) = _found()["tiled"]["64 16"]["launches"]
    assert launch["wave"] is None
    assert launch["wave_bytes"] == [launch["unique_bytes_loaded"]]


def test_a_row_walk_touches_4_sectors_per_32_lanes_and_a_column_walk_32() -> None:
    row, column = (_tensor(_found()[name], "x") for name in ("row walk", "column walk"))
    assert (row["sectors_loaded"], row["sector_efficiency"]) == (4, 1.0)
    assert (column["sectors_loaded"], column["sector_efficiency"]) == (32, 0.125)
    assert _tensor(_found()["backwards"], "x")["sectors_loaded"] == 4


def test_sectors_begin_at_the_tensor_wherever_it_lies() -> None:
    assert _tensor(_found()["row walk, odd address"], "x")["sectors_loaded"] == 4


def test_the_first_lanes_show_which_byte_each_wants() -> None:
    assert _picture(_found()["row walk"], "x")["first_load"] == list(range(0, 128, 4))
    assert _picture(_found()["column walk"], "x")["first_load"] == list(range(0, 4096, 128))
    assert _picture(_found()["column walk"], "y")["first_store"] == list(range(0, 128, 4))
    assert _picture(_found()["row walk"], "y")["first_load"] is None


def test_copying_a_transpose_wastes_seven_eighths_of_what_is_loaded() -> None:
    assert _tensor(_found()["copy"], "x")["sector_efficiency"] == 1.0
    assert _tensor(_found()["copy, transposed"], "x")["sector_efficiency"] == 0.125
    assert _tensor(_found()["copy, transposed"], "y")["sector_efficiency"] == 1.0


def test_lanes_of_a_tile_go_down_the_columns_where_only_these_are_contiguous() -> None:
    whole, masked = _found()["tile"]["32"], _found()["tile"]["8"]
    for counts in (whole, masked):
        assert _tensor(counts, "x")["sector_efficiency"] == _tensor(counts, "y")["sector_efficiency"] == 1.0
    assert _picture(whole, "x")["first_load"] == list(range(0, 128, 4))
    assert _picture(masked, "x")["first_load"] == [*range(0, 32, 4), *[None] * 24]


def test_masked_lanes_move_nothing_and_are_counted() -> None:
    x, y = (_tensor(_found()["half"], name) for name in ("x", "y"))
    assert (x["loads"], x["masked_lanes"], x["sectors_loaded"]) == (100, 28, 13)
    assert (y["stores"], y["masked_lanes"], y["sectors_stored"]) == (100, 28, 13)
    nothing = _tensor(_found()["none"], "x")
    assert (nothing["loads"], nothing["masked_lanes"], nothing["sector_efficiency"]) == (0, 64, None)
    a = _tensor(_found()["masked"], "a")
    assert (a["loads"], a["masked_lanes"]) == (33 * 40 * 2, 3 * 2 * 3 * 16 * 16 - 33 * 40 * 2)


def test_a_scalar_mask_switches_all_lanes() -> None:
    x = _tensor(_found()["scalar mask"], "x")
    if x["loads"] == 32 and version("triton") >= "3.9":
        pytest.skip("the interpreter of Triton 3.9 refuses one mask for all lanes of a store")
    assert (x["loads"], x["masked_lanes"]) == (96, 32)


def test_elements_written_twice_and_never_are_those_of_the_tensor_not_of_its_gaps() -> None:
    y = _tensor(_found()["written"], "y")
    assert y["stores"] == 4 * 17
    assert y["written_twice"] == 3
    assert y["never_written"] == 5 * 32 - (4 * 16 + 1)
    assert _tensor(_found()["none"], "y")["never_written"] == 100


def test_block_pointers_and_descriptors_are_counted_like_pointers() -> None:
    for name, columns in (("block pointers", 21), ("descriptors", 24)):
        if _found()[name] is None:  # Triton 3.9 has removed block pointers
            continue
        a, b, c = (_tensor(_found()[name], tensor) for tensor in "abc")
        assert (a["loads"], b["loads"], c["stores"]) == (33 * 40 * 2, 40 * columns * 3, 33 * columns)
        assert (c["written_twice"], c["never_written"]) == (0, 0)
        assert a["masked_lanes"] == 3 * 2 * 3 * 16 * 16 - a["loads"]


def test_an_atomic_is_a_load_and_a_store() -> None:
    c = _tensor(_found()["atomics"], "c")
    assert c["atomics"] == c["loads"] == c["stores"] == 3 * 33 * 21
    assert (c["written_twice"], c["never_written"]) == (33 * 21, 0)


def test_lanes_whose_pointers_come_from_two_tensors_count_with_each() -> None:
    counts = _found()["two pointers"]
    assert [_tensor(counts, name)["loads"] for name in "xyz"] == [8, 8, 0]


def test_one_tensor_as_two_arguments_counts_with_each() -> None:
    counts = _found()["squared"]
    assert [_tensor(counts, name)["loads"] for name in "abc"] == [1024, 1024, 0]


def test_bytes_are_those_of_the_access_and_unique_bytes_those_of_whole_elements() -> None:
    x = _tensor(_found()["as bytes"], "x")
    assert (x["loads"], x["bytes_loaded"], x["unique_bytes_loaded"], x["sectors_loaded"]) == (32, 32, 32, 1)


def test_pictures_show_how_often_each_element_is_read_and_who_wrote_it() -> None:
    drawn = _found()["drawn"]
    assert _picture(drawn, "a")["reads"] == [[2] * 32] * 64
    assert _picture(drawn, "b")["reads"] == [[4] * 32] * 32
    assert _picture(drawn, "c")["writer"] == [[i] * 16 + [i + 4] * 16 for i in range(4) for _ in range(16)]
    assert _picture(drawn, "c")["reads"] is None
    assert _picture(drawn, "a")["writer"] is None


def test_a_picture_has_at_most_64_cells_each_way() -> None:
    writer = _picture(_found()["drawn, large"], "c")["writer"]
    assert [len(writer), len(writer[0])] == [64, 64]
    assert [[row[0], row[16], row[63]] for row in (writer[0], writer[63])] == [[0, 2, 6], [1, 3, 7]]


def test_a_hole_in_what_was_written_shows_in_its_picture() -> None:
    assert _picture(_found()["half"], "y")["writer"] == [[0] * 16 + [1] * 16 + [2] * 16 + [3] * 2]


def test_the_tensors_add_up_to_what_the_sanitizer_says_was_moved() -> None:
    for name in ("masked", "half", "scalar mask", "written", "block pointers", "descriptors", "copy", "large"):
        counts = _found()[name]
        if counts is None and name == "block pointers":
            continue
        assert [counts["loads"], counts["stores"]] == counts["moved"]
    counts = _found()["atomics"]
    assert [counts["loads"] - _tensor(counts, "c")["atomics"], counts["stores"]] == counts["moved"]


def test_counts_are_the_same_in_three_runs_and_in_another_process() -> None:
    first, *others = _found()["three"]
    assert others == [first, first]
    assert json.dumps(_printed("again")["again"]) == json.dumps(first)


def test_only_the_order_tells_that_programs_ran_in_another_one() -> None:
    plain, shuffled = (json.loads(json.dumps(counts)) for counts in (_found()["three"][0], _found()["shuffled"]))
    orders = [counts["launches"][0].pop("order") for counts in (plain, shuffled)]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])
    assert plain == shuffled


def test_a_launch_of_no_programs_or_no_tensors_is_a_launch_with_no_traffic() -> None:
    (empty,), (without,) = (_found()[name]["launches"] for name in ("no program", "no tensor"))
    assert (empty["programs"], empty["bytes_loaded"], empty["intensity"]) == (0, 0, None)
    assert (without["programs"], without["tensors"]) == (2, [])


def test_what_was_moved_before_a_fault_is_counted() -> None:
    assert _found()["fault in program 1"]["loads"] == 0
    assert _found()["fault in program 1"]["launched"] == 1


def test_many_launches_of_many_programs_stay_below_200_kib() -> None:
    large = _found()["large"]
    assert large["launched"] == 7
    assert large["loads"] == 7 * 520 * 64 * 6
    assert len(large["launches"]) == LAUNCHES
    assert len(large["launches"][0]["order"]) == len(large["launches"][0]["wave_bytes"]) == PROGRAMS_AND_WAVES
    assert large["launches"][0]["pictures"][0]["reads"] is not None
    assert len(json.dumps(large)) < 200 * 1024


def test_counts_need_a_start_and_waves_need_programs() -> None:
    assert "without start()" in _found()["without start"]
    assert "at least 1" in _found()["a wave of none"]


def test_every_hook_can_be_set_in_the_installed_triton() -> None:
    assert _found()["notes"] == []


def test_where_programs_cannot_be_seen_one_line_says_so_and_the_sums_are_still_right() -> None:
    changed = _printed("changed")
    (note,) = changed["notes"]
    assert "traffic" in note
    assert "\n" not in note
    for name in ("loads", "stores", "bytes_loaded", "unique_bytes_loaded", "dot_flops"):
        assert changed["again"][name] == _found()["three"][0][name]
