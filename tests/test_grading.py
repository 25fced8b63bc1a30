"""What a learner's file gets: right in any style passes, wrong fails with its cause, broken is a verdict."""

from pathlib import Path

import pytest

from mlsys_kernels.course.catalog import BY_FILE
from mlsys_kernels.grading.available import triton_installed
from mlsys_kernels.grading.grade import FileGrader, grade_file
from mlsys_kernels.grading.verdict import CaseResult

NAIVE = BY_FILE["01_naive.py"]

HEAD = "import numpy as np\nfrom numba import njit\n"
LOOPS = """
@njit
def multiply(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for k in range(a.shape[1]):
                c[i, j] += a[i, k] * b[k, j]
"""
OUTER = "    for k in range(a.shape[1]):\n        c += a[:, k:k + 1] * b[k]\n"


def grade(folder: Path, source: str | bytes, *cases: str, seconds: float = 60) -> list[CaseResult]:
    """Grade `source` as 01_naive, on the named cases or on all."""
    path = folder / "01_naive.py"
    path.write_bytes(source if isinstance(source, bytes) else (HEAD + source).encode())
    if not cases:
        return grade_file(path, NAIVE, seconds=seconds)
    with FileGrader(path, NAIVE, seed=1, seconds=seconds) as grader:
        return [grader.grade(case) for case in NAIVE.cases if case.name in cases]


RIGHT = {
    "a Fortran-ordered result": LOOPS
    + """
def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    multiply(a, b, c)
    return np.asfortranarray(c)
""",
    "a view of a padded buffer": LOOPS
    + """
def matmul(a, b):
    buffer = np.full((a.shape[0] + 3, b.shape[1] + 7), np.nan, a.dtype)
    c = buffer[1:1 + a.shape[0], 2:2 + b.shape[1]]
    c[:] = 0
    multiply(a, b, c)
    return c
""",
    "pure Python": """
def matmul(a, b):
    m, k = a.shape
    rows = [[a.dtype.type(0)] * b.shape[1] for _ in range(m)]
    left, right = a.tolist(), b.tolist()
    for i in range(m):
        for j in range(b.shape[1]):
            rows[i][j] = sum(left[i][p] * right[p][j] for p in range(k))
    return np.array(rows, dtype=a.dtype).reshape(m, b.shape[1])
""",
    "a float64 accumulator": f"""
def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]))
{OUTER}    return c.astype(a.dtype)
""",
    "the sum taken backwards": """
def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in reversed(range(a.shape[1])):
        c += a[:, k:k + 1] * b[k]
    return c
""",
    "Kahan's sum": """
@njit
def kahan(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            total, lost = a.dtype.type(0), a.dtype.type(0)
            for k in range(a.shape[1]):
                term = a[i, k] * b[k, j] - lost
                new = total + term
                lost = (new - total) - term
                total = new
            c[i, j] = total
def matmul(a, b):
    c = np.empty((a.shape[0], b.shape[1]), a.dtype)
    kahan(a, b, c)
    return c
""",
    "Strassen on padded squares": """
def strassen(a, b):
    h = len(a) // 2
    if h < 32:
        c = np.zeros_like(a)
        for p in range(len(a)):
            c += a[:, p:p + 1] * b[p:p + 1]
        return c
    (q, r, s, t), (e, f, g, i) = [(x[:h, :h], x[:h, h:], x[h:, :h], x[h:, h:]) for x in (a, b)]
    p1, p2, p3, p4 = strassen(q + t, e + i), strassen(s + t, e), strassen(q, f - i), strassen(t, g - e)
    p5, p6, p7 = strassen(q + r, i), strassen(s - q, e + f), strassen(r - t, g + i)
    return np.block([[p1 + p4 - p5 + p7, p3 + p5], [p2 + p4, p1 - p2 + p3 + p6]])
def matmul(a, b):
    size = 8
    while size < max(*a.shape, b.shape[1]):
        size *= 2
    x, y = np.zeros((size, size), a.dtype), np.zeros((size, size), a.dtype)
    x[:a.shape[0], :a.shape[1]] = a
    y[:b.shape[0], :b.shape[1]] = b
    return strassen(x, y)[:a.shape[0], :b.shape[1]]
""",
    "a jitclass": """
from numba.experimental import jitclass
@jitclass([])
class Product:
    def __init__(self):
        pass
    def run(self, a, b, c):
        for i in range(a.shape[0]):
            for j in range(b.shape[1]):
                for k in range(a.shape[1]):
                    c[i, j] += a[i, k] * b[k, j]
def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    Product().run(a, b, c)
    return c
""",
    "a generalized ufunc": """
from numba import guvectorize
@guvectorize(["(f4[:,:],f4[:,:],f4[:,:])", "(f8[:,:],f8[:,:],f8[:,:])"], "(m,k),(k,n)->(m,n)", nopython=True)
def matmul(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            c[i, j] = 0
            for k in range(a.shape[1]):
                c[i, j] += a[i, k] * b[k, j]
""",
    "a method that is called dot": LOOPS
    + """
class Product:
    def dot(self, a, b, c):
        multiply(a, b, c)
def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    Product().dot(a, b, c)
    return c
""",
    "a callable object": """
class Product:
    def __call__(self, a, b):
        c = np.empty((a.shape[0], b.shape[1]), a.dtype)
        for i in range(a.shape[0]):
            c[i] = (a[i, :, None] * b).sum(axis=0, dtype=a.dtype)
        return c
matmul = Product()
""",
    "a byte order mark, Windows line ends, and @ behind the main guard": (
        "\ufeff" + HEAD + LOOPS + "\ndef matmul(a, b):\n    dot = np.zeros((a.shape[0], b.shape[1]), a.dtype)\n"
        "    multiply(a, b, dot)  # not np.dot\n    return dot\n\n"
        'if __name__ == "__main__":\n    print(np.eye(2) @ np.eye(2))\n'
    )
    .replace("\n", "\r\n")
    .encode(),
}


@pytest.mark.parametrize("source", RIGHT.values(), ids=RIGHT.keys())
def test_a_right_answer_in_another_style_passes(tmp_path: Path, source: str | bytes) -> None:
    results = grade(tmp_path, source)

    bad = [r for r in results if r.verdict != "passed" and not r.reason.startswith("could not be traced")]
    assert [(r.case, r.message.text() if r.message else r.verdict) for r in bad] == []


def returning(expression: str) -> str:
    return f"def matmul(a, b):\n    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)\n{OUTER}    return {expression}\n"


WRONG = {
    "a dropped tail of K": (LOOPS.replace("range(a.shape[1])", "range(a.shape[1] // 4 * 4)"), "primes", "wrong-result",
                            "the last 3 terms are never added"),
    "C overwritten at every k": (LOOPS.replace("c[i, j] +=", "c[i, j] ="), "square", "wrong-result",
                                 "only the last term is left"),
    "B read as its transpose": (LOOPS.replace("b[k, j]", "b[j, k]"), "square", "wrong-result",
                                "B is read as its transpose"),
    "everything twice": (LOOPS.replace("+= a", "+= 2 * a"), "square", "wrong-result", "everything is added twice"),
    "only the first row": (LOOPS.replace("range(a.shape[0])", "range(1)"), "square", "wrong-result", "never written"),
    "zeros of B skipped": (LOOPS.replace("c[i, j] +=", "if b[k, j] != 0: c[i, j] +="), "nan_and_inf", "nonfinite",
                           "terms are skipped"),
    "one term left out": (LOOPS.replace("for k in range(a.shape[1])", "for k in range(1, a.shape[1])"), "long_k",
                          "wrong-result", "the first term is never added"),
}  # fmt: skip

CONTRACT = {
    "nothing": ("None", "contract", "without a return"),
    "a list": ("c.tolist()", "contract", "return the array itself"),
    "float64": ("c.astype(np.float64)", "contract", "dtype=a.dtype"),
    "the transpose": ("c.T", "contract", "rows and columns of C are exchanged"),
    "a flat array": ("c.ravel()", "contract", "rearranged"),
    "an ndarray subclass": ("c.view(np.matrix)", "contract", "return the array itself"),
    "an object that counts as equal": ("type('C', (), {'__eq__': lambda s, o: True})()", "contract", "array itself"),
    "A itself": ("a if a.shape == c.shape else c", "aliasing", "new array"),
    "float16 in disguise": ("c.astype(np.float16).astype(a.dtype)", "precision", "float16"),
    "NaN hidden": ("np.nan_to_num(c)", "nonfinite", ""),
    "small results cut off": ("np.where(abs(c) < 1e-3, 0, c)", "wrong-result", ""),
    "an operand changed": ("(a.__setitem__((0, 0), 7), c)[1]", "mutates-input", "write only to the result"),
}  # fmt: skip


@pytest.mark.parametrize(("loops", "case", "cause", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_loop_fails_and_is_named(tmp_path: Path, loops: str, case: str, cause: str, words: str) -> None:
    body = (
        "def matmul(a, b):\n    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)\n    multiply(a, b, c)\n    return c\n"
    )
    (result,) = grade(tmp_path, loops + body, case)

    assert (result.verdict, result.cause) == ("failed", cause)
    assert result.message is not None
    assert words in result.message.cause


@pytest.mark.parametrize(("expression", "cause", "words"), CONTRACT.values(), ids=CONTRACT.keys())
def test_a_wrong_return_fails_and_is_named(tmp_path: Path, expression: str, cause: str, words: str) -> None:
    results = grade(tmp_path, returning(expression), "square", "wide", "nan_and_inf", "tiny_values")

    wrong = [result for result in results if result.cause == cause]
    assert wrong, [result.cause for result in results]
    assert wrong[0].message is not None
    assert words in wrong[0].message.cause


BROKEN = {
    "not UTF-8": (b"x = '\xe9'\n", "failed", "load-error", "UTF-8"),
    "a syntax error": (b"def matmul(a, b)\n    return a\n", "failed", "load-error", "valid Python"),
    "a null byte": (b"x = 1\0\n", "failed", "load-error", "valid Python"),
    "a missing function": (b"def matmult(a, b):\n    return a\n",
        "failed", "contract", "no function matmul"),
    "a variable of that name": (b"matmul = 3\n",
        "failed", "contract", "not a function"),
    "an async function": (b"async def matmul(a, b):\n    return a\n",
        "failed", "contract", "async def"),
    "other parameters": (b"def matmul(a, b, c):\n    return a\n", "failed", "contract", "2 arguments"),
    "a generator": (b"def matmul(a, b):\n    yield a\n", "failed", "contract", "generator"),
    "an exception": (b"def matmul(a, b):\n    return 1 / 0\n", "failed", "crash", "ZeroDivisionError"),
    "an exception at import": (b"import nosuchmodule\n", "failed", "load-error", "ModuleNotFoundError"),
    "sys.exit": (b"import sys\ndef matmul(a, b):\n    sys.exit(0)\n", "failed", "crash", "SystemExit"),
    "os._exit at import": (b"import os\nos._exit(0)\n", "error", "crash", "process that ran the file"),
    "a fatal signal": (b"import os\ndef matmul(a, b):\n    os.abort()\n",
        "error", "crash", "process that ran the file"),
    "a terabyte": (b"import numpy as np\ndef matmul(a, b):\n    return np.ones(1 << 40)\n",
        "failed", "memory", "MemoryError"),
    "output without end": (b"def matmul(a, b):\n    while True: print('x' * 9999)\n",
        "error", "output-flood", "output"),
    "the library's product": (b"def matmul(a, b):\n    return a @ b\n", "failed", "policy", "operator @"),
    "an imported product": (b"from numpy import dot as d\ndef matmul(a, b):\n    return d(a, b)\n",
        "failed", "policy", "numpy.dot"),
    "endless recursion": (b"def matmul(a, b):\n    return matmul(a, b)\n", "failed", "crash", "RecursionError"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "verdict", "cause", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_gets_a_clear_sentence(
    tmp_path: Path, source: bytes, verdict: str, cause: str, words: str
) -> None:
    (result,) = grade(tmp_path, source, "square")

    assert (result.verdict, result.cause) == (verdict, cause)
    assert result.message is not None
    assert words in result.message.what
    assert "mlsys_kernels/" not in result.message.text()


def test_a_hang_costs_its_limit_once_and_the_other_cases_are_not_tried(tmp_path: Path) -> None:
    source = "@njit\ndef spin(a):\n    while a[0, 0] == a[0, 0]:\n        pass\ndef matmul(a, b):\n    spin(a)\n"
    first, second = grade(tmp_path, source, "square", "tall", seconds=5)

    assert (first.verdict, first.cause) == ("error", "timeout")
    assert (second.verdict, second.cause) == ("error", "no-answer")
    assert second.seconds < 1


def test_a_crash_does_not_touch_the_next_case(tmp_path: Path) -> None:
    source = "import os\n" + returning("c").replace("    c =", "    if a.shape[0] == 1: os.abort()\n    c =")
    results = grade(tmp_path, source, "square", "one_row", "one_column")

    assert [result.verdict for result in results] == ["passed", "error", "passed"]


def test_an_answer_kept_between_calls_is_found(tmp_path: Path) -> None:
    memo = "KEPT = {}\n" + returning("KEPT.setdefault(c.shape, c).copy()")
    reused = "KEPT = {}\n" + returning("KEPT.setdefault(c.shape, c)")

    assert grade(tmp_path, memo, "square")[0].message.cause.startswith("it is the answer to the previous call")  # type: ignore[union-attr]
    assert grade(tmp_path, reused, "square")[0].cause == "aliasing"


def test_an_unfinished_branch_is_a_failure_once_the_function_has_answered(tmp_path: Path) -> None:
    source = returning("c").replace(
        "    c =", "    if a.shape[0] == 1:\n        raise NotImplementedError('later')\n    c ="
    )
    square, row = grade(tmp_path, source, "square", "one_row")

    assert square.verdict == "passed"
    assert row.verdict == "failed"


def test_a_library_that_raises_not_implemented_error_is_not_a_stub(tmp_path: Path) -> None:
    source = "import asyncio\ndef matmul(a, b):\n    return asyncio.BaseTransport.is_closing(None)\n"

    (result,) = grade(tmp_path, source, "square")

    assert (result.verdict, result.cause) == ("failed", "crash")
    assert result.message is not None
    assert "NotImplementedError" in result.message.what


def test_what_the_file_prints_is_shown_with_a_failure_and_cut(tmp_path: Path) -> None:
    source = "def matmul(a, b):\n    print('hello from the kernel')\n    print('y' * 20_000)\n    return 1\n"
    (result,) = grade(tmp_path, source, "square")

    assert "hello from the kernel" in result.output
    assert len(result.output) < 4_200
    assert "bytes were cut" in result.output


def test_the_same_seed_draws_the_same_inputs_and_another_seed_others(tmp_path: Path) -> None:
    source = "def matmul(a, b):\n    print(float(a[0, 0]), float(b[0, 0]))\n    return 1\n"
    path = tmp_path / "01_naive.py"
    path.write_text(source)
    first, again, other = (grade_file(path, NAIVE, seed)[0].output for seed in (7, 7, 8))

    assert first == again != other


def test_any_bits_may_come_back(tmp_path: Path) -> None:
    """Signalling NaNs, infinities and huge numbers: NumPy warns about each, and warnings are errors here."""
    for bits in ("0x7FA00000", "0x7F800000", "0x7F7FFFFF", "0xFF800001"):
        source = (
            f"def matmul(a, b):\n    return np.full((a.shape[0], b.shape[1]), {bits}, np.uint32).view(np.float32)\n"
        )
        for result in grade(tmp_path, source, "square", "normal_values", "nan_and_inf"):
            assert result.message is not None or result.verdict == "passed"


def test_what_lies_beside_the_file_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('the wrong numpy')")
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit('never')")
    (result,) = grade(tmp_path, returning("c"), "square")

    assert result.verdict == "passed"


@pytest.mark.skipif(not triton_installed(), reason="needs torch and triton")
def test_a_triton_exercise_answered_by_torch_alone_fails(tmp_path: Path) -> None:
    path = tmp_path / "22_masks_and_strides.py"
    path.write_text("import torch\n\ndef matmul(a, b):\n    return (a[:, :, None].float() * b).sum(1).to(a.dtype)\n")
    exercise = BY_FILE[path.name]
    with FileGrader(path, exercise, seed=1) as grader:
        result = grader.grade(exercise.cases[0])

    assert (result.verdict, result.cause) == ("failed", "policy")
    assert result.message is not None
    assert result.message.what == "no Triton kernel was launched"
