"""Indices out of bounds are found and named; negative indices, long slices and right kernels are left alone.

Run as a script, this file is the process in which numba is changed: it reads names of files and answers in JSON.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SHAPES = ((5, 7, 6), (4, 4, 5))

HEADER = """\
import numpy as np
from numba import njit, prange


"""
PLAIN = """

def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    multiply(a, b, c)
    return c
"""

OUTSIDE = {
    "one term too many": """
@njit
def multiply(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1] + 1):
                c[i, j] += a[i, p] * b[p, j]  # here
""",
    "in prange": """
@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                c[i, j] += a[i, p] * b[p + 1, j] * 0  # here
""",
    "past the tile but right": """
STEP = 4

@njit(fastmath=True, cache=True)
def multiply(a, b, c):
    for i in range(a.shape[0]):
        for j0 in range(0, b.shape[1], STEP):
            for j in range(j0, j0 + STEP):
                total = a[0, 0] * 0
                if j < b.shape[1]:
                    for p in range(a.shape[1]):
                        total += a[i, p] * b[p, j]
                c[i, j] = total  # here
""",
    "in a helper that another one calls": """
@njit(inline="always")
def term(a, b, i, p, j):
    return a[i, p] * b[p, j - b.shape[1] - 1]  # here

@njit("void(f4[:,:], f4[:,:], f4[:,:])")
def multiply(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                c[i, j] += term(a, b, i, p, j)
""",
    "in plain Python": """
def multiply(a, b, c):
    c[a.shape[0], 0] = 0  # here
""",
    "in a class": """
from numba import float32
from numba.experimental import jitclass

@jitclass([("row", float32[:])])
class Row:
    def __init__(self, n):
        self.row = np.zeros(n, np.float32)

    def add(self, j, x):
        self.row[j] += x

@njit
def multiply(a, b, c):
    for i in range(a.shape[0]):
        row = Row(b.shape[1] - 1)
        for j in range(b.shape[1]):
            row.add(j, a[i, 0] * b[0, j])
""",
    "where plain Python cannot follow": """
from numba import types
from numba.extending import intrinsic

@intrinsic
def one(context):
    return types.intp(), lambda context, *_: context.get_constant(types.intp, 1)

@njit
def multiply(a, b, c):
    c[0, b.shape[1] - 1 + one()] = 0
""",
}

INSIDE = {
    "negative indices": """
@njit
def multiply(a, b, c):
    for i in range(-a.shape[0], 0):
        for j in range(-b.shape[1], 0):
            for p in range(-a.shape[1], 0):
                c[i, j] += a[i, p] * b[p, j]
""",
    "slices that are too long": """
@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        for j in range(b.shape[1]):
            c[i : i + 1, j : j + 9][0, 0] = (a[i, :99] * b[: a.shape[1] + 3, j]).sum()
""",
    "plain NumPy": """
def multiply(a, b, c):
    for p in range(a.shape[1]):
        c[:99] += a[:, p : p + 1] * b[p]
""",
}


def run(path: Path) -> dict[str, Any]:
    """Load a file and call its matmul with every index checked; numba stays changed in this process."""
    import numpy as np

    from mlsys_kernels.grading.load import load_module
    from mlsys_kernels.tracing import bounds

    bounds.install(str(path))
    module = load_module(path)
    found: dict[str, Any] = {"right": True, "raised": None, "located": None, "fault": None}
    rng = np.random.default_rng(0)
    for m, k, n in SHAPES:
        a = rng.integers(-3, 4, (m, k)).astype(np.float32)
        b = rng.integers(-3, 4, (k, n)).astype(np.float32)
        try:
            c = module.matmul(a, b)
        except Exception as error:
            located, fault = bounds.locate(module.matmul, (a, b)), bounds.fault_of(error, str(path))
            found["raised"] = type(error).__name__
            found["located"] = None if located is None else vars(located)
            found["fault"] = None if fault is None else vars(fault)
            break
        found["right"] = found["right"] and bool(np.array_equal(c, a @ b))
    options = [getattr(value, "targetoptions", None) for value in vars(module).values()]
    found["options"] = [{name: str(value) for name, value in each.items()} for each in options if each]
    found["compiled"] = [name for name, value in vars(module).items() if hasattr(value, "py_func")]
    return found


def main() -> None:
    """Answer for each file named on standard input, in a child of its own."""
    import numba  # noqa: F401

    found = {}
    for name in json.load(sys.stdin):
        source, sink = os.pipe()
        if os.fork() == 0:
            os.write(sink, json.dumps(run(Path(name))).encode())
            os._exit(0)
        os.close(sink)
        with os.fdopen(source) as answer:
            found[name] = json.loads(answer.read())
        os.wait()
    print(json.dumps(found))


@cache
def _found() -> dict[str, dict[str, Any]]:
    with TemporaryDirectory() as folder:
        files = {name: ROOT / "solutions" / name for name in ("08_register_tile.py", "09_parallel.py")}
        for number, (name, text) in enumerate((OUTSIDE | INSIDE).items()):
            files[name] = Path(folder) / f"case_{number}.py"
            files[name].write_text(HEADER + text.lstrip("\n") + PLAIN, encoding="utf-8")
        answer = subprocess.run(
            [sys.executable, __file__],
            env=os.environ | {"NUMBA_CACHE_DIR": folder},
            input=json.dumps([str(path) for path in files.values()]),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    return {name: found[str(path)] for name, path in files.items()}


def _line_of(name: str) -> int | None:
    lines = (HEADER + OUTSIDE[name].lstrip("\n")).splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.endswith("# here")), None)


@pytest.mark.parametrize("name", OUTSIDE)
def test_an_index_out_of_bounds_is_a_fault(name: str) -> None:
    fault = _found()[name]["fault"]

    assert fault is not None
    assert fault["kind"] == "out-of-bounds"
    assert "out of bounds" in fault["what"]


@pytest.mark.parametrize("name", [name for name in OUTSIDE if _line_of(name)])
def test_plain_python_finds_its_line(name: str) -> None:
    assert _found()[name]["located"]["line"] == _line_of(name)


@pytest.mark.parametrize("name", [*INSIDE, "08_register_tile.py", "09_parallel.py"])
def test_a_right_kernel_passes(name: str) -> None:
    found = _found()[name]

    assert (found["raised"], found["fault"], found["located"]) == (None, None, None)
    assert found["right"]


def test_expression_index_and_size_are_named() -> None:
    what = _found()["one term too many"]["located"]["what"]

    assert what == "a[i, p] with i = 0, p = 7 is out of bounds: the index is 7, and axis 1 has 7 elements"


def test_a_store_past_a_tile_is_found_although_the_answer_is_right() -> None:
    located = _found()["past the tile but right"]["located"]

    assert located["what"] == "c[i, j] with i = 0, j = 6 is out of bounds: the index is 6, and axis 1 has 6 elements"


def test_an_index_below_minus_n_is_out_of_bounds() -> None:
    what = _found()["in a helper that another one calls"]["located"]["what"]

    assert what.startswith("b[p, j - b.shape[1] - 1] with j = 0, p = 0 is out of bounds: the index is -7")


def test_numpys_own_error_has_its_line_at_once() -> None:
    assert _found()["in plain Python"]["fault"]["line"] == _line_of("in plain Python")


def test_where_plain_python_cannot_follow_the_line_is_not_known() -> None:
    found = _found()["where plain Python cannot follow"]

    assert found["located"] is None
    assert found["fault"]["line"] is None


def test_options_stay_but_for_parallel_and_boundscheck() -> None:
    (options,) = _found()["past the tile but right"]["options"]

    assert options == {"fastmath": "True", "nopython": "True", "parallel": "False", "boundscheck": "True"}


def test_after_a_search_in_plain_python_the_functions_are_compiled_again() -> None:
    assert _found()["in a helper that another one calls"]["compiled"] == ["term", "multiply"]


if __name__ == "__main__":
    main()
