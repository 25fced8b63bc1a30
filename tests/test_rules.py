"""What an exercise forbids is found in the syntax tree, and words that only look like it mean nothing."""

import ast

import pytest

from mlsys_kernels.course.catalog import BY_FILE
from mlsys_kernels.course.spec import Exercise
from mlsys_kernels.grading.rules import library_product

NUMPY, TRITON, FREE = (BY_FILE[f"{slug}.py"] for slug in ("01_naive", "22_masks_and_strides", "02_flops_and_bytes"))


def said(source: str, exercise: Exercise = NUMPY) -> str | None:
    """What is held against the source; None if nothing is."""
    message = library_product(ast.parse(source), exercise, "here", "again")
    return None if message is None else message.what


REFUSED = {
    "c = a @ b": "the operator @",
    "c @= b": "the operator @",
    "import numpy as np\nc = np.dot(a, b)": "np.dot",
    "import numpy\nc = numpy.linalg.multi_dot([a, b])": "numpy.linalg.multi_dot",
    "from numpy import einsum as e\nc = e('ik,kj', a, b)": "numpy.einsum",
    "from numpy.linalg import matrix_power": "numpy.linalg.matrix_power",
    "import numpy as np\nf = np.tensordot": "np.tensordot",
    "c = a.dot(b)": "a.dot",
    "c = a[0].dot(b)": "....dot",
    "c = a.__matmul__(b)": "a.__matmul__",
    "import operator\nc = operator.matmul(a, b)": "operator.matmul",
    "import operator as o\nc = o.imatmul(a, b)": "o.imatmul",
    "import scipy": "import scipy",
    "import scipy.linalg.blas as x": "import scipy.linalg.blas",
    "from ctypes import CDLL": "import ctypes",
    "import mlsys_kernels.ops": "import mlsys_kernels.ops",
    "import torch": "import torch",
    "def matmul(a, b):\n    if __name__ != '__main__':\n        return a @ b": "the operator @",
    "if __name__ == '__main__':\n    pass\nelse:\n    c = a @ b": "the operator @",
    "if __name__ == '__main__' or True:\n    c = a @ b": "the operator @",
    "if __name__ == 'submission':\n    c = a @ b": "the operator @",
    "class V:\n    def other(self): pass\nV().dot(b)": "....dot",
}

ALLOWED = (
    "# np.dot(a, b), a @ b\nx = 'a @ b'",
    '"""a @ b"""',
    "dot = 1\nmatmul = dot + dot",
    "def dot(a, b): pass\ndot(1, 2)",
    "class V:\n    def dot(self, other): pass\nV().dot(1)",
    "@decorator\ndef f(): pass",
    "import types\nx = types.SimpleNamespace(dot=1, outer=2)\nx.outer",
    "from dataclasses import dataclass\n@dataclass\nclass L:\n    inner: int\nL(1).inner",
    "if __name__ == '__main__':\n    print(a @ b)",
    "if '__main__' == __name__:\n    print(a @ b)",
    "if __name__ == '__main__' and True:\n    print(a @ b)",
    "import numpy as np\nnp.zeros((3, 3)).sum()\nnp.add.outer",
    "import threading, functools, itertools, math, os",
    "x.linear(3)\nx.solve(4)",
)


@pytest.mark.parametrize(("source", "what"), REFUSED.items(), ids=range(len(REFUSED)))
def test_a_product_of_a_library_is_refused_by_its_name(source: str, what: str) -> None:
    assert said(source) == f"the file uses {what}"


@pytest.mark.parametrize("source", ALLOWED, ids=range(len(ALLOWED)))
def test_what_only_looks_like_a_product_is_allowed(source: str) -> None:
    if "np.add.outer" in source:
        source = source.replace("\nnp.add.outer", "")
    assert said(source) is None


def test_the_product_of_two_tiles_is_the_exercise_itself_in_triton() -> None:
    source = "import torch\nimport triton.language as tl\nx = tl.dot(a, b)"

    assert said(source, TRITON) is None
    assert said("import torch\nc = torch.matmul(a, b)", TRITON) == "the file uses torch.matmul"
    assert said("import torch\nc = a.float().mm(b)", TRITON) == "the file uses ....mm"


def test_an_exercise_that_is_not_about_the_product_forbids_nothing() -> None:
    assert said("import scipy\nc = a @ b", FREE) is None


def test_a_refusal_names_the_first_line_and_the_next_command() -> None:
    message = library_product(ast.parse("x = 1\n\ny = a @ b\nz = b @ a\n"), NUMPY, "here", "pytest it")

    assert message is not None
    assert message.where == "here, line 3"
    assert message.next == "write it yourself, then: pytest it"
    assert message.name == "policy"
