"""The code that numba makes of a kernel is gathered wherever it hides, and the loop that did the work is described.

Run as a script, this file is the process with the fixed processor: it forks once for each kernel, as a zygote does.
"""

import json
import os
import re
import subprocess
import sys
import traceback
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import indent
from typing import Any

import pytest

from mlsys_kernels.grading.load import load_module
from mlsys_kernels.tracing import machine_code

ROOT = Path(__file__).parents[1]

HEADER = """\
import numpy as np
from numba import guvectorize, njit, prange


"""
ROWS = """
@njit
def multiply(a, b, c):
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            x = a[i, p]
            for j in range(b.shape[1]):
                c[i, j] += x * b[p, j]
"""
PLAIN = """

def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    multiply(a, b, c)
    return c
"""

HIDDEN = {
    "in a list": ROWS.replace("multiply", "inner")
    + "\nKERNELS = [inner]\ndel inner\n\ndef multiply(a, b, c):\n    KERNELS[0](a, b, c)\n",
    "in a closure": f"def make():\n{indent(ROWS, '    ')}\n    return multiply\n"
    "\ndef multiply(a, b, c):\n    make()(a, b, c)\n",
    "in prange": ROWS.replace("@njit", "@njit(parallel=True)").replace("for i in range", "for i in prange"),
    "kept on disk": ROWS.replace("@njit", "@njit(cache=True)"),
    "kept on disk, again": ROWS.replace("@njit", "@njit(cache=True)"),
    "inlined": ROWS.replace("multiply", "inner") + "\n@njit\ndef multiply(a, b, c):\n    inner(a, b, c)\n",
    "in a ufunc": """
@guvectorize(["(f4[:,::1], f4[:,::1], f4[:,::1])"], "(m,k),(k,n)->(m,n)")
def product(a, b, c):
    for i in range(a.shape[0]):
        c[i] = 0
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]

def multiply(a, b, c):
    c[:] = product(a, b)
""",
}
DECOY = """
@njit
def multiply(a, b, c):
    scratch = np.ones(64, np.float32)
    for r in range(10):
        for s in range(10):
            for t in range(10):
                for j in range(64):
                    scratch[j] = scratch[j] * np.float32(0.5) + np.float32(1)
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                c[i, j] += a[i, p] * b[p, j]
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            c[i, j] *= np.float32(1) + scratch[0] * 0
"""


def solution(slug: str) -> str:
    return (ROOT / "solutions" / f"{slug}.py").read_text(encoding="utf-8")


def right(slug: str) -> str:
    return (ROOT / "tests" / "right" / f"{slug}.py").read_text(encoding="utf-8")


KERNELS = {
    **{slug: solution(slug) for slug in ("04_loop_order", "06_tiled", "07_vectorized", "08_register_tile")},
    **{slug: solution(slug) for slug in ("09_parallel", "10_packed")},
    "four sums": right("06_four_sums"),
    "sums on the heap": solution("08_register_tile").replace(
        "acc = accumulators(c)", "acc = np.zeros((MR, NR), c.dtype)"
    ),
    **{name: HEADER + text + PLAIN for name, text in HIDDEN.items()},
    "decoy": HEADER + DECOY + PLAIN,
    "in order": solution("07_vectorized").replace('{"reassoc", "contract"}', '{"contract"}'),
    "tile of 16 x 16": solution("08_register_tile")
    .replace("MR = 4\nNR = 3", "MR = 16\nNR = 16")
    .replace('{"reassoc", "contract"}', '{"contract"}'),
    "NumPy": HEADER + "def matmul(a, b):\n    return sum(a[:, p : p + 1] * b[p] for p in range(a.shape[1]))\n",
}

M, K, N = machine_code.SHAPE

pytestmark = pytest.mark.skipif(
    sys.platform == "win32"
    or machine_code.ENVIRONMENT["NUMBA_CPU_NAME"] != "haswell"
    or bool(machine_code.runs_here()),
    reason="the figures are those of x86-64 with AVX2 and FMA",
)


def judged(*names: str) -> dict[str, Any]:
    """What a new process says of these kernels."""
    with TemporaryDirectory() as folder:
        for at, name in enumerate(names):
            (Path(folder) / f"{at}.py").write_text(KERNELS[name], encoding="utf-8")
        (Path(folder) / "again.py").write_text(KERNELS["kept on disk"], encoding="utf-8")
        env = os.environ | machine_code.ENVIRONMENT | {"NUMBA_CACHE_DIR": folder}
        done = subprocess.run([sys.executable, __file__, folder, *names], capture_output=True, text=True, env=env)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))


@cache
def all_judged() -> dict[str, Any]:
    return judged(*KERNELS)


def said(name: str) -> dict[str, Any]:
    found = all_judged()[name]["counts"]
    assert isinstance(found, dict), found
    return found


@pytest.mark.parametrize("name", [name for name in KERNELS if name != "NumPy"])
def test_the_hot_loop_is_where_the_products_flops_are(name: str) -> None:
    found = said(name)

    assert found["calls"] == 0
    assert found["executed"] >= 0.9 * 2 * M * N * K
    assert 2 * M * N * K <= found["flops_of_all"] <= 1.1 * 2 * M * N * K


def test_the_obvious_tiles_are_scalar() -> None:
    found = said("06_tiled")

    assert (found["packed"], found["lanes"], found["fused"], found["function"]) == (False, 1, False, "multiply")


def test_rows_are_packed_but_load_and_store_c_for_every_product() -> None:
    found = said("04_loop_order")

    assert (found["packed"], found["lanes"], found["fused"]) == (True, 8, False)
    assert (found["loads_per_flop"], found["stores_per_flop"]) == (1.0, 0.5)


def test_a_sum_that_may_be_reordered_is_packed_and_fused() -> None:
    found = said("07_vectorized")

    assert (found["packed"], found["lanes"], found["fused"], found["bits"]) == (True, 8, True, 32)
    assert (found["loads_per_flop"], found["stores_per_flop"], found["spills_per_flop"]) == (1.0, 0.0, 0.0)


def test_a_sum_that_must_stay_in_order_is_scalar() -> None:
    assert (said("in order")["packed"], said("in order")["lanes"]) == (False, 1)


@pytest.mark.parametrize("slug", ["08_register_tile", "09_parallel", "10_packed"])
def test_a_register_tile_loads_7_times_for_24_operations_and_spills_nothing(slug: str) -> None:
    found = said(slug)

    assert (found["packed"], found["lanes"], found["fused"], found["function"]) == (True, 8, True, "outer_products")
    assert (found["loads"], found["operations"], found["flops"]) == (7, 24, 192)
    assert (found["stores"], found["vector_spills"], found["integer_spills"]) == (0, 0, 0)


def test_a_tile_that_is_larger_than_the_registers_spills_vectors() -> None:
    assert said("tile of 16 x 16")["vector_spills"] >= said("tile of 16 x 16")["operations"]


def test_four_sums_by_hand_are_scalar_and_an_accumulator_on_the_heap_is_loaded_and_stored() -> None:
    sums, heap = said("four sums"), said("sums on the heap")

    assert (sums["packed"], sums["fused"], sums["loads_per_flop"]) == (False, True, 1.0)
    assert (heap["packed"], heap["loads_per_flop"], heap["stores_per_flop"]) == (False, 1.0, 0.5)


@pytest.mark.parametrize("name", HIDDEN)
def test_code_is_found_wherever_it_is(name: str) -> None:
    assert (said(name)["packed"], said(name)["lanes"]) == (True, 8)


def test_loops_of_vectors_that_do_not_do_the_product_do_not_count() -> None:
    found = said("decoy")

    assert found["packed"] is False
    assert all_judged()["decoy"]["has vectors"]


def test_a_product_by_numpy_has_no_loop_of_numba() -> None:
    assert all_judged()["NumPy"]["counts"] is None


def test_functions_have_the_names_that_python_gives_them() -> None:
    assert said("in a closure")["function"] == "make.<locals>.multiply"
    assert said("in prange")["function"] == "a loop over prange"
    assert said("in a ufunc")["function"] == "product"


def test_each_module_tells_which_function_it_was_compiled_for() -> None:
    modules = [(name, signature) for name, signature, _ in all_judged()["09_parallel"]["gathered"]]

    assert {name for name, _ in modules} >= {"multiply", "multiply_tile", "outer_products", "dot_products"}
    assert all("Array(float32, 2, 'C'" in signature for name, signature in modules if name)


def test_nothing_wider_than_avx2_is_compiled() -> None:
    assert not [name for name, found in all_judged().items() if found["wide"]]


def test_what_is_described_is_what_numba_shows() -> None:
    assert all_judged()["07_vectorized"]["as inspect_asm"]


def test_a_second_process_says_the_same() -> None:
    again = judged("07_vectorized", "09_parallel")

    assert again["07_vectorized"]["counts"] == said("07_vectorized")
    assert again["09_parallel"]["counts"] == said("09_parallel")


def test_a_process_for_another_processor_is_refused() -> None:
    code = "from mlsys_kernels.tracing import machine_code; machine_code.watch('x.py')"
    env = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA")}

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)

    assert "start the process with NUMBA_CPU_NAME=haswell NUMBA_CPU_FEATURES=" in done.stderr


def judge(path: Path) -> dict[str, Any]:
    """In a process of its own: load the kernel at `path`, call it, and say what ran."""
    import numpy as np

    machine_code.watch(str(path))
    module = load_module(path)
    rng = np.random.default_rng(7)
    a, b = (rng.integers(-8, 9, shape).astype(np.float32) for shape in ((M, K), (K, N)))
    assert (module.matmul(a, b) == a @ b).all()
    asm = [each.asm for each in machine_code.gathered()]
    found = machine_code.counts()
    multiply = getattr(module, "multiply", None)
    shown = multiply.inspect_asm().values() if hasattr(multiply, "inspect_asm") else []
    lines = found["text"].splitlines()[1:] if found else []
    return {
        "counts": found,
        "gathered": [(each.function, each.signature, len(each.asm)) for each in machine_code.gathered()],
        "has vectors": any(re.search(r"v(mul|fmadd231)ps.*ymm", text) for text in asm),
        "wide": any(re.search(r"zmm|[xy]mm(1[6-9]|[23]\d)|%k[0-7]", text) for text in asm),
        "as inspect_asm": any(
            all(" ".join(line.split()) in " ".join(text.split()) for line in lines) for text in shown
        ),
    }


def main(folder: str, *names: str) -> None:
    import numba

    numba.njit(lambda x: x + 1)(1)
    answers = {}
    for at, name in enumerate(names):
        source, drain = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                answer = judge(Path(folder) / f"{'again' if 'on disk' in name else at}.py")
                os.write(drain, json.dumps(answer).encode())
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        os.close(drain)
        with os.fdopen(source, "rb") as answered:
            data = answered.read()
        os.waitpid(pid, 0)
        if not data:
            sys.exit(f"no answer for {name}")
        answers[name] = json.loads(data)
    print(json.dumps(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])
