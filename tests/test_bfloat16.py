"""In Triton's interpreter, as the worker changes it, bfloat16 gives the very bits that torch gives."""

import importlib.util
import json
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
    script = Path(__file__).with_name("bfloat16s.py")
    run = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        env=os.environ | {"TRITON_INTERPRET": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_every_part_can_be_put_into_the_installed_triton() -> None:
    assert _found()["notes"] == []


def test_a_part_that_cannot_be_put_there_is_named_in_one_line() -> None:
    (note,) = _found()["notes without create_dot"]
    assert "tl.dot" in note
    assert "\n" not in note


def test_casts_arithmetic_and_reductions_give_the_bits_of_torch() -> None:
    assert {name for name, same in _found()["same bits"].items() if not same} == set()
    assert len(_found()["same bits"]) > 30


def test_dot_sums_bfloat16_in_float32() -> None:
    assert _found()["dot keeps float32"]
