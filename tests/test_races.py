"""Races between iterations of prange are found and named; what numba allows is no race.

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
SHAPES = ((5, 7, 6), (37, 3, 3), (3, 37, 3), (3, 3, 37))
SMALL_TILES = {"TILE": 2, "MR": 1, "NR": 2, "KC": 3, "MC": 2}

HEADER = """\
import numba
import numpy as np
from numba import njit, prange


"""
PLAIN = """

def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    multiply(a, b, c)
    return c
"""

RACES = {
    "over K": """
@njit(parallel=True)
def multiply(a, b, c):
    for p in prange(a.shape[1]):
        for i in range(a.shape[0]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]  # here
""",
    "shared scratch": """
@njit(parallel=True)
def multiply(a, b, c):
    row = np.empty(b.shape[1], a.dtype)
    for i in prange(a.shape[0]):
        row[:] = 0  # here
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                row[j] += a[i, p] * b[p, j]
        c[i, :] = row
""",
    "one column too wide": """
@njit(parallel=True)
def multiply(a, b, c):
    n = b.shape[1]
    for t in prange((n + 1) // 2):
        for i in range(a.shape[0]):
            for j in range(2 * t, min(2 * t + 3, n)):
                total = c[i, j] * 0
                for p in range(a.shape[1]):
                    total += a[i, p] * b[p, j]
                c[i, j] = total
""",
    "the same value": """
@njit(parallel=True)
def multiply(a, b, c):
    flag = np.zeros(1, np.int64)
    for i in prange(a.shape[0]):
        flag[0] = 1  # here
        for j in range(b.shape[1]):
            c[i, j] = np.sum(a[i] * b[:, j])
""",
    "a neighbour's row": """
@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        for j in range(b.shape[1]):
            c[i, j] = np.sum(a[i] * b[:, j])
        if i > 0:
            c[i, 0] += 0 * np.max(c[i - 1])  # here
""",
    "the next row, before it is written": """
@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        start = 0 * c[min(i + 1, a.shape[0] - 1), 0]
        for j in range(b.shape[1]):
            c[i, j] = start + np.sum(a[i] * b[:, j])  # here
""",
    "the next row too": """
@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0] - 1):
        c[i] = a[i, 0] * b[0]  # here
        c[i + 1] = a[i + 1, 0] * b[0]
""",
    "slice of all": """
@njit(parallel=True)
def multiply(a, b, c):
    for p in prange(a.shape[1]):
        c[:] += np.outer(a[:, p], b[p])  # here
""",
    "a view that is added to": """
@njit(parallel=True)
def multiply(a, b, c):
    for p in prange(a.shape[1]):
        for i in range(a.shape[0]):
            row = c[i]
            row += a[i, p] * b[p]  # here
""",
    "added to by a helper": """
@njit
def add(total, part):
    total += part  # here

@njit(parallel=True)
def multiply(a, b, c):
    for p in prange(a.shape[1]):
        add(c, np.outer(a[:, p], b[p]))
""",
    "through a transpose of a reshape": """
@njit(parallel=True)
def multiply(a, b, c):
    columns = c.reshape(-1).reshape(c.shape).T
    for p in prange(a.shape[1]):
        for j in range(b.shape[1]):
            columns[j][:] = columns[j] + a[:, p] * b[p, j]  # here
""",
    "out of np.add": """
@njit(parallel=True)
def multiply(a, b, c):
    for p in prange(a.shape[1]):
        np.add(c, np.outer(a[:, p], b[p]), c)  # here
""",
    "cleared by each iteration": """
@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        c.fill(0)  # here
        for j in range(b.shape[1]):
            c[i, j] = np.sum(a[i] * b[:, j])
""",
    "scratch of the wrong thread": """
@njit(parallel=True)
def multiply(a, b, c):
    scratch = np.zeros((numba.get_num_threads() + 1, b.shape[1]), a.dtype)
    for i in prange(a.shape[0]):
        t = (numba.get_thread_id() + i % 2) % 2
        for j in range(b.shape[1]):
            scratch[t, j] = np.sum(a[i] * b[:, j])  # here
            c[i, j] = scratch[t, j]
""",
    "in the second loop": """
@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        c[i, 0] = 0
    for p in prange(a.shape[1]):
        for i in range(a.shape[0]):
            c[i, 0] += a[i, p] * b[p, 0]  # here
""",
    "in a list": """
@njit(parallel=True)
def multiply(a, b, c):
    rows = [np.zeros(3, a.dtype)]
    for i in prange(a.shape[0]):
        rows[0][1] = i  # here
""",
    "in two dimensions at once": """
@njit(parallel=True)
def multiply(a, b, c):
    for i, p in numba.pndindex(a.shape):
        for j in range(b.shape[1]):
            c[i, j] += a[i, p] * b[p, j]  # here
""",
    "with a signature": """
@numba.jit(["void(f4[:,:], f4[:,:], f4[:,:])"], nopython=True, parallel=True)
def multiply(a, b, c):
    for p in prange(1, a.shape[1]):
        c[0, 0] += a[0, p]  # here
""",
    "by a fancy index": """
@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        c[np.array([0, 1]), 0] = a[i, 0]  # here
""",
    "caught by the file": """
@njit(parallel=True)
def multiply_all(a, b, c):
    for p in prange(a.shape[1]):
        c[0, 0] = p  # here

def multiply(a, b, c):
    try:
        multiply_all(a, b, c)
    except Exception:
        pass
""",
}

CLEAN = {
    "rows": """
@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                c[i, j] += a[i, p] * b[p, j]
""",
    "reduction of a whole array": """
@njit(parallel=True)
def multiply(a, b, c):
    for p in prange(a.shape[1]):
        c += np.outer(a[:, p], b[p])
""",
    "reduction by a product, and of a scalar": """
@njit(parallel=True)
def multiply(a, b, c):
    ones, total = np.ones_like(c), 0.0
    for p in prange(a.shape[1]):
        for _ in range(2):
            ones *= np.ones_like(c)
        total += a[0, p]
    c[:] = (ones - 1) * total + np.zeros_like(c)
    for i in prange(a.shape[0]):
        for j in range(b.shape[1]):
            c[i, j] = (a[i] * b[:, j]).sum()
""",
    "private scratch": """
@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        row = np.zeros(b.shape[1], a.dtype)
        for p in range(a.shape[1]):
            row += a[i, p] * b[p]
        part = np.empty_like(c[i])
        part[:] = row
        c[i] = part
""",
    "two loops": """
@njit(parallel=True)
def multiply(a, b, c):
    b_t = np.empty((b.shape[1], b.shape[0]), b.dtype)
    for j in prange(b.shape[1]):
        b_t[j] = b[:, j]
    for i in prange(a.shape[0]):
        for j in range(b.shape[1]):
            c[i, j] = np.sum(a[i] * b_t[j])
""",
    "nested": """
@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        for p in prange(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]
""",
    "nested in another function": """
@njit(parallel=True)
def fill(row, x, b):
    for p in prange(b.shape[0]):
        for j in range(b.shape[1]):
            row[j] += x[p] * b[p, j]

@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        fill(c[i], a[i], b)
""",
    "not parallel": """
@njit
def multiply(a, b, c):
    for p in prange(a.shape[1]):
        c[:, :] += a[:, p : p + 1] * b[p]
""",
    "called by a parallel function, but not parallel": """
@njit
def serial(a, b, c):
    for p in prange(a.shape[1]):
        c[:, :] += a[:, p : p + 1] * b[p]

@njit(parallel=True)
def multiply(a, b, c):
    serial(a, b, c)
""",
    "scratch of a thread": """
@njit(parallel=True)
def multiply(a, b, c):
    scratch = np.zeros((numba.get_num_threads(), b.shape[1]), a.dtype)
    for i in prange(a.shape[0]):
        row = scratch[numba.get_thread_id()]
        row[:] = 0
        for p in range(a.shape[1]):
            row += a[i, p] * b[p]
        c[i] = row
""",
    "sums of a thread, added up afterwards": """
@njit(parallel=True)
def multiply(a, b, c):
    numba.set_num_threads(2)
    parts = np.zeros((2, *c.shape), a.dtype)
    for p in prange(a.shape[1]):
        parts[numba.get_thread_id()] += np.outer(a[:, p], b[p])
    c[:] = parts.sum(axis=0)
""",
    "a loop per thread": """
@njit(parallel=True)
def multiply(a, b, c):
    threads = numba.get_num_threads()
    parts = np.zeros((threads, *c.shape), a.dtype)
    for t in prange(threads):
        for p in range(t, a.shape[1], threads):
            parts[t] += np.outer(a[:, p], b[p])
    c[:] = np.sum(parts, axis=0)
""",
    "negative indices": """
@njit(parallel=True)
def multiply(a, b, c):
    m, k = a.shape
    for i in prange(-m, 0):
        for j in range(-b.shape[1], 0):
            total = np.float32(0)
            for p in range(-k, 0):
                total += a[i, p] * b[p, j]
            c[i, j] = total
""",
    "tiles by slices": """
@njit(parallel=True, fastmath=True, cache=True)
def multiply(a, b, c):
    for i0 in prange((a.shape[0] + 1) // 2):
        rows = a[2 * i0 : 2 * i0 + 2]
        block = c[2 * i0 : 2 * i0 + 2, :]
        for p in range(a.shape[1]):
            block += rows[:, p : p + 1] * b[p]
        c[2 * i0 : 2 * i0 + 2].ravel()[:] = block.reshape(-1)
""",
    "shapes only": """
@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(c.shape[0]):
        n = len(c.T) + np.shape(c)[1] + c.ndim * c.size
        like = np.zeros_like(c)
        for j in range(b.shape[1]):
            c[i, j] = np.dot(a[i], b[:, j]) + n * like[i, j]
""",
    "rows by iteration": """
@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        for x, row in zip(a[i], b):
            for j in range(len(row)):
                c[i, j] += x * row[j]
""",
    "a new array each time": """
@njit(parallel=True)
def multiply(a, b, c):
    most = np.zeros(b.shape[1], a.dtype)
    for p in prange(a.shape[1]):
        most = np.maximum(most, b[p])
    for i in prange(a.shape[0]):
        c[i] = np.array([np.sum(a[i] * b[:, j]) for j in range(b.shape[1])], a.dtype)
""",
    "in a class": """
from numba.experimental import jitclass

@jitclass([("start", numba.float32)])
class Sum:
    def __init__(self, start):
        self.total = start

    def add(self, x, y):
        self.total += x * y

@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        for j in range(b.shape[1]):
            sum_ = Sum(np.float32(0))
            for p in range(a.shape[1]):
                sum_.add(a[i, p], b[p, j])
            c[i, j] = sum_.total
""",
}

OPAQUE = {
    "a stencil": """
@numba.stencil
def kernel(x):
    return x[0]

@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        for j in range(b.shape[1]):
            c[i, j] = np.sum(a[i] * b[:, j])
""",
    "threads": """
from concurrent.futures import ThreadPoolExecutor

@njit(parallel=True, nogil=True)
def multiply_rows(a, b, c):
    for p in prange(a.shape[1]):
        c[:] += np.outer(a[:, p], b[p])

def multiply(a, b, c):
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(multiply_rows, (a[:2], a[2:]), (b, b), (c[:2], c[2:])))
""",
    "an intrinsic": """
from numba.extending import intrinsic

@intrinsic
def zero(context):
    return None

@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        c[i, 0] = zero()
""",
}


def run(path: Path) -> dict[str, Any]:
    """Load a file and call its matmul with watched arrays; numba stays changed in this process."""
    import numba  # noqa: F401
    import numpy as np

    from mlsys_kernels.grading.load import load_module
    from mlsys_kernels.tracing import fault, races

    races.install(str(path))
    module = load_module(path)
    for name in SMALL_TILES.keys() & vars(module).keys():
        setattr(module, name, SMALL_TILES[name])
    found: dict[str, Any] = {"right": True, "raised": None, "ndarray": True}
    rng = np.random.default_rng(0)
    for m, k, n in SHAPES:
        a = rng.integers(-3, 4, (m, k)).astype(np.float32)
        b = rng.integers(-3, 4, (k, n)).astype(np.float32)
        try:
            c = module.matmul(races.traced(a), races.traced(b))
        except Exception as error:
            found["raised"] = type(error).__name__
            break
        found["right"] = found["right"] and bool(np.array_equal(np.asarray(c), a @ b))
        found["ndarray"] = found["ndarray"] and isinstance(c, np.ndarray)
    first = fault.first()
    found |= {"loops": races.loops(), "unfinished": races.unfinished()}
    return found | {"fault": None if first is None else vars(first)}


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


def _files(folder: Path) -> dict[str, Path]:
    files = {"solution " + path.stem[:2]: path for path in (ROOT / "solutions").glob("*.py") if path.stem < "11"}
    files = {name: path for name, path in files.items() if "def matmul" in path.read_text(encoding="utf-8")}
    for number, (name, text) in enumerate((RACES | CLEAN | OPAQUE).items()):
        files[name] = folder / f"case_{number}.py"
        files[name].write_text(HEADER + text.lstrip("\n") + PLAIN, encoding="utf-8")
    return files


@cache
def _found() -> dict[str, dict[str, Any]]:
    with TemporaryDirectory() as folder:
        files = _files(Path(folder))
        answer = subprocess.run(
            [sys.executable, __file__],
            input=json.dumps([str(path) for path in files.values()]),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    return {name: found[str(path)] for name, path in files.items()}


def _line_of(name: str) -> int | None:
    lines = (HEADER + RACES[name].lstrip("\n")).splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.endswith("# here")), None)


@pytest.mark.parametrize("name", RACES)
def test_a_race_is_found_with_its_line(name: str) -> None:
    fault = _found()[name]["fault"]

    assert fault is not None
    assert fault["kind"] == "race"
    assert _line_of(name) in (None, fault["line"])
    assert str(fault["line"]) in fault["what"]
    assert "iterations of prange" in fault["because"]


@pytest.mark.parametrize("name", CLEAN)
def test_what_numba_allows_is_no_race(name: str) -> None:
    found = _found()[name]

    assert (found["fault"], found["raised"], found["unfinished"]) == (None, None, None)
    assert found["right"]
    assert found["ndarray"]
    assert bool(found["loops"]) == ("not parallel" not in name)


@pytest.mark.parametrize("number", ["01", "04", "06", "07", "08", "09", "10"])
def test_a_solution_has_no_race(number: str) -> None:
    found = _found()[f"solution {number}"]

    assert (found["fault"], found["raised"], found["unfinished"]) == (None, None, None)
    assert found["right"]
    assert bool(found["loops"]) == (number == "09")


def test_a_race_over_k_names_the_element_and_both_iterations() -> None:
    what = _found()["over K"]["fault"]["what"]

    assert what == (
        "iteration 1 of the prange loop in line 8 reads c[0, 0] (line 11), which iteration 0 writes (line 11)"
    )


def test_shared_scratch_is_called_by_its_name() -> None:
    assert (
        "iterations 0 and 1 of the prange loop in line 9 both write row[0]"
        in (_found()["shared scratch"]["fault"]["what"])
    )


def test_two_writers_have_a_line_each() -> None:
    assert "both write c[1, 0] (lines 10 and 9)" in _found()["the next row too"]["fault"]["what"]


def test_writing_the_same_value_is_a_race_and_said_to_be() -> None:
    what = _found()["the same value"]["fault"]["what"]

    assert "both write flag[0] (line 10): the same value" in what
    assert "the same value" not in _found()["shared scratch"]["fault"]["what"]


def test_an_array_without_a_name_is_called_after_the_line_that_made_it() -> None:
    assert "element [1] of an array made in line 8" in _found()["in a list"]["fault"]["what"]


def test_a_whole_matrix_of_products_is_named_by_its_first_element() -> None:
    assert "reads c[0, 0] " in _found()["slice of all"]["fault"]["what"]


def test_a_race_in_a_helper_has_the_helpers_line() -> None:
    assert "prange loop in line 12 reads " in _found()["added to by a helper"]["fault"]["what"]


def test_a_loop_over_tuples_names_them() -> None:
    assert "iteration (0, 1)" in _found()["in two dimensions at once"]["fault"]["what"]


def test_a_file_cannot_catch_its_race_away() -> None:
    assert _found()["caught by the file"]["raised"] is None
    assert _found()["caught by the file"]["fault"]["kind"] == "race"


def test_the_second_loop_is_counted_too() -> None:
    assert _found()["in the second loop"]["loops"] == 2


def test_machine_code_that_cannot_be_followed_is_named() -> None:
    found = _found()["a stencil"]

    assert found["fault"] is None
    assert found["unfinished"] == "the file uses numba.stencil, which this check cannot follow"


def test_threads_of_the_file_are_named_and_not_mistaken_for_iterations() -> None:
    found = _found()["threads"]

    assert (found["fault"], found["raised"]) == (None, None)
    assert found["unfinished"] == "the file uses threads of its own, which this check cannot follow"


def test_what_plain_python_cannot_do_is_no_fault() -> None:
    found = _found()["an intrinsic"]

    assert found["fault"] is None
    assert found["raised"] == "NotImplementedError"


if __name__ == "__main__":
    main()
