"""What Triton's interpreter lacks is refused in one sentence that names it, and so is what no GPU would compile."""

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


@cache
def _found() -> dict[str, Any]:
    script = Path(__file__).with_name("unsupported_kernels.py")
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


def test_every_refusal_can_be_put_into_the_installed_triton() -> None:
    assert _found()["notes"] == []


def test_a_scaled_dot_is_refused_by_its_name_where_the_interpreter_has_none() -> None:
    newer = tuple(map(int, version("triton").split(".")[:2])) >= (3, 8)

    assert (_found()["tl.dot_scaled"] is None) == newer
    if not newer:
        assert _found()["tl.dot_scaled"][0] == "NotInInterpreterError"
        assert "tl.dot_scaled" in _found()["tl.dot_scaled"][1]


@pytest.mark.parametrize("feature", ["libdevice.exp", "cuda.globaltimer", "descriptor_reduce", "Gluon"])
def test_what_the_interpreter_lacks_is_named_in_one_sentence(feature: str) -> None:
    kind, message = _found()[feature]
    assert kind == "NotInInterpreterError"
    assert feature in message
    assert "interpreter of Triton" in message
    assert "\n" not in message


def test_a_dot_of_a_short_k_is_refused_and_of_one_row_or_column_it_is_not() -> None:
    dots = _found()["dots"]
    assert "K = 8" in dots.pop("(16, 16, 8)")[1]
    assert set(dots.values()) == {None}


def test_a_dot_of_8_bits_needs_twice_the_k() -> None:
    assert "K >= 32" in _found()["dots of int8"]["16"][1]
    assert _found()["dots of int8"]["32"] is None


def test_a_dot_of_bfloat16_needs_no_more_than_one_of_float16() -> None:
    assert _found()["dot of bfloat16"] is None
