"""Triton's interpreter, as the worker changes it, answers like a GPU where it would be silently kinder."""

import importlib.util
import json
import math
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="needs torch and triton")


@cache
def _found() -> dict[str, Any]:
    script = Path(__file__).with_name("interpreted.py")
    run = subprocess.run(
        [sys.executable, str(script)],
        env=os.environ | {"TRITON_INTERPRET": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_every_change_can_be_made_in_the_installed_triton() -> None:
    assert _found()["notes"] == []


def test_a_change_that_cannot_be_made_is_named_in_one_line() -> None:
    (note,) = _found()["notes without do_bench"]
    assert "autotune" in note
    assert "\n" not in note


def test_dot_on_float32_loses_the_bits_that_tf32_loses() -> None:
    assert _found()["dot"]["None"] == 1.0
    assert _found()["dot"]["tf32"] == 1.0


def test_dot_on_float32_keeps_all_bits_where_it_is_told_to() -> None:
    assert _found()["dot"]["ieee"] == 1 + 2.0**-12
    assert _found()["dot"]["tf32x3"] == 1 + 2.0**-12


def test_dot_on_float16_is_left_alone() -> None:
    assert _found()["dot float16"] == 1 + 2.0**-10


def test_rounding_to_tf32_leaves_nan_a_nan() -> None:
    assert math.isnan(_found()["tf32 of NaN"])


def test_masked_lanes_without_other_hold_nan() -> None:
    values = _found()["masked"]
    assert values[:10] == [1.0] * 10
    assert all(math.isnan(value) for value in values[10:])


def test_masked_lanes_with_other_hold_other() -> None:
    assert _found()["masked, other"] == [1.0] * 10 + [0.0] * 6
    assert _found()["masked, other, one lane"] == [0.0]


def test_masked_integers_are_left_alone() -> None:
    assert _found()["masked, int32"] == [1] * 10 + [0] * 6


def test_maximum_drops_nan_unless_it_is_told_to_keep_it() -> None:
    assert _found()["maximum"] == [0.0, 0.0, 1.0, 0.0]
    kept = _found()["minimum that keeps NaN"]
    assert math.isnan(kept[0])
    assert kept[1:] == [-1.0, 0.0, 0.0]


def test_a_loop_over_an_argument_runs() -> None:
    assert _found()["counted"] == 10


def test_autotune_runs_its_first_configuration_once() -> None:
    assert _found()["autotuned"] == 3.0


def test_what_a_kernel_raises_in_another_function_comes_out_as_it_is() -> None:
    assert _found()["raised"] == "NotImplementedError"
