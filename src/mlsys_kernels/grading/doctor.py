"""`mlk doctor`: what this machine can do for grading, found out by trying, and a grading of known files as a self-test.

A grader that runs on a machine it cannot close must say so, and one that passes a wrong kernel or fails a right one
must not be used at all.
"""

import platform
import sys
import tempfile
from pathlib import Path

from mlsys_kernels.course.catalog import BY_FILE
from mlsys_kernels.grading import limits
from mlsys_kernels.grading.available import cuda_present, triton_installed
from mlsys_kernels.grading.grade import FileGrader
from mlsys_kernels.grading.result import versions
from mlsys_kernels.grading.sandbox import GraderFaultError, Zygote, zygote

_RIGHT = """import numpy as np
def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k:k + 1] * b[k]
    return c
"""
_KNOWN = (
    ("a right kernel passes", _RIGHT, "square", ("passed", None)),
    ("a wrong kernel fails", _RIGHT.replace("range(a", "range(1, a"), "square", ("failed", "wrong-result")),
    ("a library's product is refused", "def matmul(a, b):\n    return a @ b\n", "square", ("failed", "policy")),
    ("BLAS under another name is noticed", "import numpy as np\nP = getattr(np, 'd' + 'ot')\n"
     "def matmul(a, b):\n    return P(a, b)\n", "square", ("failed", "policy")),
    ("a file that starts a process is stopped", "import os\n" + _RIGHT.replace("    c =", "    os.fork()\n    c =", 1),
     "square", ("failed", "policy")),
    ("a call that never ends is ended", "def matmul(a, b):\n    while True: pass\n", "square", ("error", "timeout")),
)  # fmt: skip
_SECONDS = 2.0


def run() -> int:
    """Print what was found; 0 if grading works here, 1 if a known file got a wrong verdict, 5 if nothing can run."""
    found = versions()
    print(f"system     {platform.system()} {platform.release()}, {platform.machine()}, Python {found['python']}")
    print(
        "versions   "
        + ", ".join(f"{name} {found[name] or 'missing'}" for name in ("numpy", "numba", "torch", "triton"))
    )
    try:
        kinds = ["cpu"] + (["interpreter"] if triton_installed() else []) + (["native"] if cuda_present() else [])
        for kind in kinds:
            _tell(zygote(kind))
        if not triton_installed():
            print("triton     missing: the 2x rungs are not graded here (pip install 'mlsys-kernels[triton]')")
        return _grade_known()
    except GraderFaultError as error:
        print(f"mlk doctor: {error}", file=sys.stderr)
        return 5


def _tell(process: Zygote) -> None:
    names = {"cpu": "numba", "interpreter": "Triton's interpreter", "native": "Triton on a GPU"}
    print(f"isolation  {process.isolation.text()}, for {names[process.kind]}")
    for note in process.notes:
        print(f"           {note}")


def _grade_known() -> int:
    exercise = BY_FILE["01_naive.py"]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for sentence, source, name, wanted in _KNOWN:
            path = Path(folder) / exercise.file
            path.write_text(source, encoding="utf-8")
            case = next(case for case in exercise.cases if case.name == name)
            with FileGrader(path, exercise, seed=1, seconds=_SECONDS) as grader:
                result = grader.grade(case)
            right = (result.verdict, result.cause) == wanted
            wrong += not right
            print(
                f"{'ok' if right else 'WRONG':<10} {sentence}"
                + ("" if right else f": {result.verdict}, {result.cause}")
            )
    print(f"limits     {limits.CASE_SECONDS:g} CPU seconds a case, {limits.IDLE_SECONDS:g} s without work, "
          f"{limits.MEMORY_BYTES >> 20} MiB beyond the operands")  # fmt: skip
    if wrong:
        print("mlk doctor: do not grade on this machine: a known file got a wrong verdict", file=sys.stderr)
    return 1 if wrong else 0
