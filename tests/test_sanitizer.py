"""Every access of a Triton kernel in the interpreter is checked: right ones run, wrong ones are stopped and named."""

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

INSTALLED = importlib.util.find_spec("triton") is not None
pytestmark = pytest.mark.skipif(not INSTALLED, reason="needs torch and triton")
needs_block_pointers = pytest.mark.skipif(
    INSTALLED and tuple(map(int, version("triton").split(".")[:2])) >= (3, 9),
    reason="Triton 3.9 has removed block pointers",
)


@cache
def _found() -> dict[str, Any]:
    script = Path(__file__).with_name("sanitized.py")
    run = subprocess.run(
        [sys.executable, str(script)],
        env=os.environ | {"TRITON_INTERPRET": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])  # a kernel prints as well
    return found


def _wrong(name: str) -> dict[str, str]:
    fault: dict[str, str] = _found()["wrong"][name]
    return fault


def test_every_hook_can_be_set_in_the_installed_triton() -> None:
    assert _found()["notes"] == []


def test_a_hook_that_cannot_be_set_is_named_in_one_line() -> None:
    (note,) = _found()["notes without atomic_cas"]
    assert "atomics" in note
    assert "\n" not in note


@pytest.mark.parametrize("order", ["right", "right, shuffled"])
def test_right_kernels_run_and_are_right(order: str) -> None:
    assert {name: said for name, said in _found()[order].items() if said is not None} == {}


@pytest.mark.parametrize("order", ["wrong", "wrong, shuffled"])
@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("t01", {"out-of-bounds"}),
        ("t02", {"out-of-bounds"}),
        ("t03", {"race", "out-of-bounds"}),
        ("t03, one program", {"out-of-bounds"}),
        ("t05, window", {"out-of-bounds"}),
        ("t06", {"race"}),
        ("t12", {"race"}),
        ("past the end", {"out-of-bounds"}),
        ("before the start", {"out-of-bounds"}),
        ("far away", {"out-of-bounds"}),
        ("store past the end", {"out-of-bounds"}),
        ("next window", {"out-of-bounds"}),
        ("every second element", {"out-of-bounds"}),
        ("empty", {"out-of-bounds"}),
        ("input", {"mutates-input"}),
        ("input through a view", {"mutates-input"}),
        ("nested function", {"out-of-bounds"}),
        ("autotuned", {"out-of-bounds"}),
        ("one element", {"race"}),
        ("neighbour", {"race"}),
        ("read sum", {"race"}),
        ("tuple", {"out-of-bounds"}),
        ("descriptor of too many rows", {"out-of-bounds"}),
        pytest.param("block pointers", {"out-of-bounds"}, marks=needs_block_pointers),
    ],
)
def test_wrong_kernels_are_stopped_in_any_order(order: str, name: str, kinds: set[str]) -> None:
    assert _found()[order][name]["kind"] in kinds
    assert _found()[order][name]["kept"]


def test_a_fault_names_program_tensor_element_and_lanes() -> None:
    assert _wrong("past the end")["what"] == (
        "program (2, 0, 0) loads element 40 of x_ptr, which has 40 elements (8 of 16 lanes)"
    )
    assert _wrong("store past the end")["what"].startswith("program (2, 0, 0) stores to element 40 of y_ptr")
    assert "element 16 of xs[1]" in _wrong("tuple")["what"]


def test_a_fault_names_the_likely_cause() -> None:
    assert _wrong("t01")["because"] == "no mask leaves out what lies past the end of b: rows 8 to 15 of the block"
    assert "negative" in _wrong("before the start")["because"]
    assert "32 bits" in _wrong("far away")["because"]


def test_a_fault_names_the_line_of_the_file_even_in_a_function_that_the_kernel_calls() -> None:
    assert _wrong("t03")["at"] == "t03"
    assert _wrong("t06")["at"] == "t06"
    assert _wrong("t12")["at"] == "t12"
    assert _wrong("past the end")["at"] == "copy"
    assert _wrong("nested function")["at"] == "put"
    assert _wrong("autotuned")["at"] == "tuned"


def test_memory_between_the_rows_of_a_view_is_out_of_bounds() -> None:
    assert "between the rows of the view x_ptr, 1 past x_ptr[0, 3] (8 of 16 lanes)" in _wrong("next window")["what"]
    assert "between the elements of the view x_ptr, 1 past x_ptr[0]" in _wrong("every second element")["what"]


def test_what_is_out_of_bounds_is_not_touched() -> None:
    assert _found()["untouched"] == ["out-of-bounds", 0.0]


def test_a_race_names_both_programs_and_the_element() -> None:
    assert _wrong("t03")["what"] == "program (0, 1, 0) overwrites c[1, 0], which program (0, 0, 0) stored"
    assert _wrong("t06")["what"] == "program (0, 0, 1) loads c[0, 0], which program (0, 0, 0) stored"
    assert _wrong("t12")["what"] == "program (0, 0, 1) updates c[0, 0], which program (0, 0, 0) stored"
    assert _wrong("neighbour")["what"] == "program (1, 0, 0) stores to x[16], which program (0, 0, 0) loaded"


def test_a_wrong_stride_that_stays_inside_is_left_to_the_judge() -> None:
    assert _found()["wrong"]["t05, transposed"] == "wrong"


def test_a_mask_without_other_shows_in_the_result_and_is_counted() -> None:
    right, lanes, line = _found()["t04"]
    assert not right
    assert lanes > 0
    assert line.endswith("# t04")


def test_undefined_lanes_hold_nan_or_a_large_odd_number() -> None:
    for name, (lanes, at, values) in _found()["undefined"].items():
        assert (lanes, at) == (6, "half")
        if "int" in name:
            assert {int(value) % 2 for value in values[10:]} == {1}
            assert int(values[10]) > 90
        else:
            assert set(values[10:]) == {"nan"}


def test_a_mask_that_leaves_out_nothing_leaves_nothing_undefined() -> None:
    assert _found()["nothing undefined"] == [0, None]


def test_programs_run_in_order_unless_a_seed_is_given() -> None:
    assert _found()["orders"]["None"] == list(range(24))


def test_a_seed_gives_an_order_in_which_every_program_runs_once() -> None:
    first, second = _found()["orders"]["1"], _found()["orders"]["2"]
    assert sorted(first) == sorted(second) == list(range(24))
    assert first != second
    assert first == _found()["order again"]


def test_what_torch_hands_out_unwritten_is_poisoned_and_nothing_else() -> None:
    values = {name: set(texts) for name, texts in _found()["poisoned"].items()}
    for name in ("empty", "empty, bfloat16", "empty, requires_grad", "empty_strided"):
        assert values[name] == {"nan"}
    assert values["empty, int16"] == {str(0x5A5B)}
    assert values["empty_like"] == values["new_empty"] == {str(0x5A5A5A5B)}
    assert values["zeros"] == {"0.0"}
    assert values["full"] == {"3.0"}
    assert values["zeros_like"] == {"0"}
