"""What a kernel moves through a cache is counted to the line, whatever Python it is written in.

Run as a script, this file is the process in which numba is changed: it reads jobs and answers in JSON.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsys_kernels.tracing.cache import Cache, Held

ROOT = Path(__file__).parents[1]
N, LINES, PER_LINE = 48, 48, 16  # float32 matrices of 144 lines each; a column of one has 48

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

KERNELS = {
    "ijk": """
@njit
def multiply(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            total = np.float32(0)
            for k in range(a.shape[1]):
                total += a[i, k] * b[k, j]  # busiest
            c[i, j] = total
""",
    "ikj": """
@njit
def multiply(a, b, c):
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            x = a[i, k]
            for j in range(b.shape[1]):
                c[i, j] += x * b[k, j]
""",
    "ikj by slices": """
@njit
def multiply(a, b, c):
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            c[i, :] += a[i, k] * b[k, :]
""",
    "ikj into one row": """
@njit
def multiply(a, b, c):
    row = np.zeros(b.shape[1], a.dtype)
    for i in range(a.shape[0]):
        row[:] = 0
        for k in range(a.shape[1]):
            np.add(row, a[i, k] * b[k], out=row)
        c[i] = row
""",
    "ikj by a helper and negative indices": """
@njit
def add_row(x, source, target):
    for j in range(-len(source), 0):
        target[j] += x * source[j]

@njit(parallel=True)
def multiply(a, b, c):
    for i in prange(a.shape[0]):
        for k in range(a.shape[1]):
            add_row(a[i, k], b[k], c[i])
""",
    "ikj over a result upside down": """
@njit
def multiply(a, b, c):
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            x = a[i, k]
            for j in range(b.shape[1]):
                c[i, j] += x * b[k, j]

def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)[::-1, ::-1]
    multiply(a, b, c)
    return c
""",
    "tiles of 16": """
@njit
def multiply(a, b, c):
    for i0 in range(0, a.shape[0], 16):
        for k0 in range(0, a.shape[1], 16):
            for j0 in range(0, b.shape[1], 16):
                for i in range(i0, i0 + 16):
                    for k in range(k0, k0 + 16):
                        x = a[i, k]
                        for j in range(j0, j0 + 16):
                            c[i, j] += x * b[k, j]
""",
    "tiles of 16 by recursion": """
@njit
def add(a, b, c):
    n = len(a)
    if n > 16:
        h = n // 3
        for i in range(0, n, h):
            for k in range(0, n, h):
                for j in range(0, n, h):
                    add(a[i : i + h, k : k + h], b[k : k + h, j : j + h], c[i : i + h, j : j + h])
        return
    for i in range(n):
        for k in range(n):
            x = a[i, k]
            for j in range(n):
                c[i, j] += x * b[k, j]

@njit
def multiply(a, b, c):
    add(a, b, c)
""",
    "a Fortran copy of B": """
@njit
def multiply(a, b, c):
    columns = np.asfortranarray(b)
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            total = np.float32(0)
            for k in range(a.shape[1]):
                total += a[i, k] * columns[k, j]
            c[i, j] = total
""",
    "raises": """
@njit
def multiply(a, b, c):
    c[0, 0] = b[a.shape[0], 0]
""",
    "threads": """
from threading import Thread

def multiply(a, b, c):
    thread = Thread(target=lambda: np.copyto(c, np.sum(a[:, :, None] * b, axis=1)))
    thread.start()
    thread.join()
""",
    "replaces np.zeros": """
zeros = np.zeros

def matmul(a, b):
    np.zeros = lambda *args: zeros(*args)
    return np.sum(a[:, :, None] * b, axis=1)
""",
    "an intrinsic": """
from numba.extending import intrinsic

@intrinsic
def zero(context):
    return None

@njit
def multiply(a, b, c):
    c[0, 0] = zero()
""",
    "touches": """
@njit
def touch(a, b, c):
    x = a[1:, 2].copy()      # 15 loads, 15 stores
    b[::4] = 1               # 4 x 16 stores
    c[2] = b[:, 3]           # 16 loads, 16 stores
    y = c[np.array([1, 2]), 0]  # the index: 2 stores, 2 loads; 2 loads, 2 stores
    b.T[0] *= 2              # 16 loads, 16 stores
    z = a.sum()              # 256 loads
    np.multiply(a, b, out=c)  # 512 loads, 256 stores
    c[0, 0] = a[-1, -1] + b[0, 0]  # 2 loads, 1 store
    w = a[0, 0]
    return w * w + w         # 1 load

def matmul(a, b):
    c = np.zeros(a.shape, a.dtype)
    touch(a, b, c)
    return c
""",
}


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Call a file's matmul with counted arrays of small integers; numba stays changed in this process."""
    import numba  # noqa: F401

    from mlsys_kernels.grading.load import load_module
    from mlsys_kernels.tracing import traffic

    traffic.install(job["path"])
    module = load_module(Path(job["path"]))
    for name in job["sizes"].keys() & vars(module).keys():
        setattr(module, name, job["sizes"][name])
    n, rng = job["n"], np.random.default_rng(0)
    a, b = (rng.integers(-3, 4, (n, job["columns"])).astype(np.float32)[:, : n * job["step"] : job["step"]]
            for _ in range(2))  # fmt: skip
    if job["flipped"]:
        a, b = a[::-1, ::-1], b[::-1, ::-1]
    expected = a @ b
    for _ in range(job["calls"]):
        args = traffic.traced(a, "a"), traffic.traced(b, "b")
        traffic.start(Cache(**job["cache"]))
        try:
            result = module.matmul(*args)
            found = traffic.counts()
        except Exception as error:
            return {"raised": type(error).__name__, "text": str(error)}
    return {"right": bool(np.array_equal(np.asarray(result), expected)), "raised": None, "counts": found}


def main() -> None:
    """Answer for each job on standard input, in a child of its own."""
    import numba  # noqa: F401

    found = []
    for job in json.load(sys.stdin):
        source, sink = os.pipe()
        if os.fork() == 0:
            os.close(source)
            with os.fdopen(sink, "w") as answer:
                json.dump(run(job), answer)
            os._exit(0)
        os.close(sink)
        with os.fdopen(source) as answer:
            found.append(json.load(answer))
        os.wait()
    print(json.dumps(found))


def ask(jobs: list[dict[str, Any]], **environment: str) -> list[dict[str, Any]]:
    """The answers of a fresh process."""
    answer = subprocess.run(
        [sys.executable, __file__], input=json.dumps(jobs), capture_output=True, text=True, timeout=300, check=False,
        env=os.environ | environment,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    found: list[dict[str, Any]] = json.loads(answer.stdout)
    return found


def _job(path: Path, n: int = N, lines: int = LINES, ways: int | None = None, **options: Any) -> dict[str, Any]:
    usual = {"columns": n, "step": 1, "flipped": False, "calls": 1, "sizes": {}}
    return usual | {"path": str(path), "n": n, "cache": {"lines": lines, "ways": ways}} | options


@cache
def _found() -> dict[str, dict[str, Any]]:
    with TemporaryDirectory() as folder:
        files = {name: Path(folder) / f"kernel_{number}.py" for number, name in enumerate(KERNELS)}
        for name, path in files.items():
            text = KERNELS[name].lstrip("\n")
            path.write_text(HEADER + text + ("" if "def matmul" in text else PLAIN), encoding="utf-8")
        jobs = {name: _job(path, 16 if name == "touches" else N) for name, path in files.items()}
        ikj, ijk, fortran = files["ikj"], files["ijk"], files["a Fortran copy of B"]
        jobs |= {
            "ijk of a large leading dimension": _job(ijk, columns=1024),
            "ijk of a large leading dimension, by set": _job(ijk, columns=1024, ways=4),
            "a copy of B, by set": _job(fortran, columns=1024, ways=4),
            "ikj of every other column": _job(ikj, columns=2 * N, step=2),
            "ikj upside down": _job(ikj, flipped=True),
            "ikj by slices, called twice": _job(files["ikj by slices"], calls=2),
            "ijk by set": _job(ijk, ways=4),
            "ijk in 32 lines": _job(ijk, lines=32),
            "ikj in 32 lines": _job(ikj, lines=32),
            "tiles of 16 in 32 lines": _job(files["tiles of 16"], lines=32),
            "ijk in a large cache": _job(ijk, lines=3 * 144),
        }
        for number in ("04_loop_order", "06_tiled", "07_vectorized", "08_register_tile", "10_packed"):
            path = ROOT / "solutions" / f"{number}.py"
            jobs[f"solution {number[:2]}"] = _job(path, sizes={"TILE": 16, "KC": 16, "MC": 8})
        return dict(zip(jobs, ask(list(jobs.values())), strict=True))


def counts(name: str) -> dict[str, Any]:
    """What was counted, of a kernel that is right."""
    found = _found()[name]
    assert found["raised"] is None, found
    assert found["right"]
    return found["counts"]


def array(name: str, which: str) -> dict[str, Any]:
    """The entry of one array."""
    (found,) = [each for each in counts(name)["arrays"] if each["name"] == which]
    return found


# Counting once more, from the definition: explicit addresses, and lines in the order of their last use.


def fetches(lines: list[int], entries: int, ways: int | None = None) -> list[bool]:
    """Which accesses to these lines a cache has to fetch."""
    ways = ways or entries
    sets: list[dict[int, None]] = [{} for _ in range(entries // ways)]
    found = []
    for line in lines:
        held = sets[line % len(sets)]
        found.append(line not in held)
        held.pop(line, None)
        if len(held) == ways:
            del held[next(iter(held))]
        held[line] = None
    return found


def ijk(a: int, b: int, c: int, row: int) -> Iterator[int]:
    """Addresses that the loops touch, of matrices at a, b and c; rows of a and b are `row` bytes apart."""
    for i in range(N):
        for j in range(N):
            for k in range(N):
                yield a + i * row + 4 * k
                yield b + k * row + 4 * j
            yield c + 4 * (i * N + j)


def ikj(a: int, b: int, c: int, row: int, tile: int = N) -> Iterator[int]:
    """The same for the other order, tile by tile."""
    for i0 in range(0, N, tile):
        for k0 in range(0, N, tile):
            for j0 in range(0, N, tile):
                for i in range(i0, i0 + tile):
                    for k in range(k0, k0 + tile):
                        yield a + i * row + 4 * k
                        for j in range(j0, j0 + tile):
                            yield c + 4 * (i * N + j)
                            yield b + k * row + 4 * j
                            yield c + 4 * (i * N + j)


def moved(addresses: Iterator[int], ways: int | None = None) -> tuple[int, int]:
    """Lines and pages fetched."""
    touched = list(addresses)
    return (sum(fetches([at // 64 for at in touched], LINES, ways)), sum(fetches([at // 4096 for at in touched], 16)))


def places(row: int) -> tuple[int, int, int, int]:
    """Where matrices of the model start: each at the first page after the one before."""
    pages = -(-((N - 1) * row + 4 * N) // 4096)
    return 0, 4096 * pages, 2 * 4096 * pages, row


@given(st.lists(st.integers(0, 11) | st.integers(0, 3), max_size=120), st.sampled_from([(1, None), (4, None), (7, None),
       (4, 1), (4, 2), (8, 2), (6, 3), (8, 4)]), st.integers(0, 120))  # fmt: skip
def test_a_cache_holds_what_the_definition_says(lines: list[int], sizes: tuple[int, int | None], cut: int) -> None:
    held = Held(*sizes)
    found = [held.fetched(np.array(part, np.int64)).tolist() for part in (lines[:cut], lines[cut:])]

    assert found[0] + found[1] == fetches(lines, *sizes)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), st.integers(1, 9), st.lists(st.integers(0, 5), max_size=9))
def test_lines_in_turn_are_held_as_the_definition_says(period: list[int], times: int, rest: list[int]) -> None:
    lines = period * times + rest + period * times

    for entries, ways in ((2, 1), (2, 2), (3, 3), (4, 2), (4, 4), (6, 3)):
        found = Held(entries, ways).fetched(np.array(lines, np.int64)).tolist()
        assert found == fetches(lines, entries, ways)


@pytest.mark.parametrize("sizes", [{"lines": 0}, {"lines": 6, "ways": 4}, {"lines": 4, "page_bytes": 100}])
def test_a_cache_of_impossible_size_is_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="not Cache"):
        Cache(**sizes)


@pytest.mark.parametrize(
    ("name", "addresses", "ways"),
    [
        ("ijk", ijk(*places(4 * N)), None),
        ("ijk by set", ijk(*places(4 * N)), 4),
        ("ikj", ikj(*places(4 * N)), None),
        ("tiles of 16", ikj(*places(4 * N), tile=16), None),
        ("ijk of a large leading dimension", ijk(*places(4096)), None),
        ("ijk of a large leading dimension, by set", ijk(*places(4096)), 4),
    ],
)
def test_counts_are_those_of_explicit_addresses(name: str, addresses: Iterator[int], ways: int | None) -> None:
    found = counts(name)

    assert (found["lines"], found["pages"]) == moved(addresses, ways)


def test_where_everything_fits_each_line_is_fetched_once() -> None:
    assert counts("ijk in a large cache")["lines"] == 3 * N * N / PER_LINE


def test_ijk_fetches_a_line_of_b_for_every_product() -> None:
    of_b = N**3

    assert array("ijk", "b")["lines"] == of_b
    assert counts("ijk")["lines"] == of_b + N * N / PER_LINE + N * N  # a's row stays; c's line is gone at the next j
    assert counts("ijk in 32 lines")["lines"] == of_b + N**3 / PER_LINE + N * N == 119_808  # a's row does not stay


def test_ikj_fetches_each_row_of_b_once_for_every_row_of_a() -> None:
    assert array("ikj", "b")["lines"] == N**3 / PER_LINE
    assert counts("ikj")["lines"] == N**3 / PER_LINE + 2 * N * N / PER_LINE == 7_200
    assert counts("ikj in 32 lines")["lines"] == counts("ikj")["lines"]


def test_tiles_fetch_each_matrix_once_for_every_tile_of_another() -> None:
    of_one = N**3 / (PER_LINE * 16)

    assert counts("tiles of 16 in 32 lines")["lines"] == 3 * of_one == 1_296
    assert 2 * of_one + N * N / PER_LINE < counts("tiles of 16")["lines"] < 3 * of_one  # three tiles just fit


def test_loads_and_stores_are_those_of_the_source() -> None:
    found = counts("ikj")

    assert (found["loads"], found["stores"]) == (N * N + 2 * N**3, N**3)
    assert (array("ikj", "b")["loads"], array("ikj", "b")["stores"]) == (N**3, 0)


def test_slices_move_the_lines_of_scalars_and_those_of_their_temporary_row() -> None:
    scalar, slices = counts("ikj"), counts("ikj by slices")

    for name in "abc":
        assert array("ikj by slices", name) == array("ikj", name) | {"made": array("ikj by slices", name)["made"]}
    # x * b[k] is a new array each time. It gets the address of the one before, which was freed.
    assert array("ikj by slices", "temporary")["lines"] == N / PER_LINE
    assert slices["lines"] == scalar["lines"] + N / PER_LINE


@pytest.mark.parametrize("name", ["ikj by a helper and negative indices", "ikj over a result upside down"])
def test_the_same_order_moves_the_same_lines_however_it_is_written(name: str) -> None:
    assert counts(name)["lines"] == counts("ikj")["lines"]
    assert [each["lines"] for each in counts(name)["arrays"]] == [each["lines"] for each in counts("ikj")["arrays"]]


def test_recursion_down_to_a_tile_moves_what_tiles_move() -> None:
    assert counts("tiles of 16 by recursion")["lines"] == counts("tiles of 16")["lines"]


def test_a_local_array_has_a_name_and_a_line_and_is_fetched_once() -> None:
    row = array("ikj into one row", "row")

    assert (row["lines"], row["made"], row["shape"]) == (N / PER_LINE, 7, [N])


def test_a_fortran_copy_pays_n2_once_and_saves_n3() -> None:
    copied = array("a Fortran copy of B", "columns")

    assert array("a Fortran copy of B", "b")["lines"] == N * N / PER_LINE
    assert copied["lines"] == N * N + N**3 / PER_LINE  # written across its lines, then read along them
    assert counts("a Fortran copy of B")["lines"] < counts("ijk")["lines"] / 10


def test_rows_a_power_of_two_apart_push_each_other_out_of_their_set() -> None:
    # A column of B lies in one set of 12, if rows are 4096 bytes apart.
    assert array("ijk of a large leading dimension, by set", "b")["lines"] == N**3
    assert array("ijk of a large leading dimension", "b")["pages"] == N**3  # and in 48 pages, of which 16 are held
    assert counts("a copy of B, by set")["lines"] < counts("ijk of a large leading dimension, by set")["lines"] / 10


def test_every_other_column_takes_twice_the_lines() -> None:
    assert array("ikj of every other column", "b")["lines"] == 2 * array("ikj", "b")["lines"]


def test_negative_strides_move_the_same_lines() -> None:
    assert counts("ikj upside down")["lines"] == counts("ikj")["lines"]
    assert counts("ikj upside down")["busiest"]["steps"][:2] == ["b[0, 0]", "b[0, 1]"]
    assert counts("ikj upside down")["busiest"]["step_bytes"] == -4


def test_a_second_call_counts_the_same() -> None:
    assert counts("ikj by slices, called twice") == counts("ikj by slices")


def test_whole_arrays_are_counted_element_by_element() -> None:
    found = _found()["touches"]["counts"]

    assert found["loads"] == 15 + 16 + 2 + 2 + 16 + 256 + 512 + 2 + 1
    assert found["stores"] == 15 + 64 + 16 + 2 + 2 + 16 + 256 + 1


def test_the_busiest_line_shows_the_walk_down_a_column() -> None:
    busiest = counts("ijk")["busiest"]
    line = (HEADER + KERNELS["ijk"].lstrip("\n")).splitlines()[busiest["line"] - 1]

    assert line.endswith("# busiest")
    assert busiest["array"] == "b"
    assert busiest["lines"] == N**3
    assert busiest["share"] == round(N**3 / counts("ijk")["lines"], 4)
    assert busiest["steps"] == [f"b[{k}, 0]" for k in range(6)]
    assert (busiest["step_bytes"], busiest["lines_per_step"]) == (4 * N, 1)


def test_a_walk_along_a_row_fetches_a_line_in_16_steps() -> None:
    busiest = counts("ikj")["busiest"]

    assert busiest["steps"] == [f"b[0, {j}]" for j in range(6)]
    assert (busiest["step_bytes"], busiest["lines_per_step"]) == (4, 1 / PER_LINE)


def test_a_map_has_a_number_for_each_line_of_each_matrix() -> None:
    maps = {each["array"]: each for each in counts("ijk")["misses"]}

    assert maps.keys() == {"a", "b", "c"}
    assert maps["b"]["lines"] == [[N * PER_LINE] * 3] * N
    assert sum(map(sum, maps["c"]["lines"])) == array("ijk", "c")["lines"]


def test_the_map_of_a_fortran_array_goes_by_columns() -> None:
    (columns,) = [each for each in counts("a Fortran copy of B")["misses"] if each["array"] == "columns"]

    assert (columns["order"], len(columns["lines"]), len(columns["lines"][0])) == ("F", N, 3)


def test_the_sums_are_the_sums_of_the_arrays() -> None:
    for name in ("ijk", "ikj by slices", "solution 10"):
        found = counts(name)
        for what in ("loads", "stores", "lines", "pages"):
            assert found[what] == sum(each[what] for each in found["arrays"])


def test_each_rung_moves_fewer_lines_than_a_naive_kernel() -> None:
    found = {number: counts(f"solution {number}")["lines"] for number in ("04", "06", "07", "08", "10")}

    assert found["04"] == counts("ikj")["lines"]
    assert found["06"] < found["04"] / 5
    assert max(found.values()) < counts("ijk")["lines"] / 10
    assert {each["name"] for each in counts("solution 10")["arrays"]} == {"a", "b", "c", "a_panels", "b_panels", "acc"}


def test_two_fresh_processes_count_the_same() -> None:
    jobs = [
        _job(ROOT / "solutions" / "10_packed.py", 24, 32, 4, columns=40),
        _job(ROOT / "tests/right/01_strassen.py", 16),
    ]

    first, second = (ask(jobs, PYTHONHASHSEED=seed) for seed in ("1", "2"))

    assert json.dumps(first) == json.dumps(second)
    assert all(each["right"] for each in first)


def test_an_exception_of_the_file_comes_out_unchanged() -> None:
    found = _found()["raises"]

    assert (found["raised"], found["text"]) == ("IndexError", "index 48 is out of bounds for axis 0 with size 48")


def test_threads_of_the_file_are_not_counted_as_if_they_were_one() -> None:
    found = _found()["threads"]

    assert found["raised"] == "Uncounted"
    assert found["text"] == "the file uses threads of its own: what that touches cannot be counted"


def test_a_file_that_replaces_functions_of_numpy_is_not_counted() -> None:
    found = _found()["replaces np.zeros"]

    assert found["raised"] == "Uncounted"
    assert found["text"] == "the file replaces np.zeros: the arrays it makes then cannot be counted"


def test_what_plain_python_lacks_is_an_exception() -> None:
    assert _found()["an intrinsic"]["raised"] == "NotImplementedError"


if __name__ == "__main__":
    main()
