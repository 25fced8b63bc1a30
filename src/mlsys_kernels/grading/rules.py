"""What an exercise forbids, read from the syntax tree: calls of a library's matrix product, and roads to one.

Comments, strings and the names of the learner's own variables and functions mean nothing here. What cannot be seen in
the syntax (a name put together at run time) is found while the file runs: `tripwire.py`, `watch.py`.
"""

import ast

from mlsys_kernels.course.spec import Exercise
from mlsys_kernels.grading.verdict import Message

# fmt: off
PRODUCTS = frozenset((
    "dot", "matmul", "inner", "vdot", "vecdot", "matvec", "vecmat", "einsum", "einsum_path", "c_einsum", "tensordot",
    "multi_dot", "matrix_power", "kron", "convolve", "correlate", "mm", "bmm", "addmm", "addmv", "addr", "addbmm",
    "baddbmm", "mv", "chain_matmul", "linear", "bilinear", "conv1d", "conv2d", "imatmul", "__matmul__", "__rmatmul__",
    "__imatmul__", "solve", "lstsq", "inv", "pinv",
))
# fmt: on
"""Functions of NumPy, SciPy and torch that compute the product, or most of it."""

_METHODS = PRODUCTS - {"linear", "solve", "inv", "convolve", "correlate", "kron"}
"""Those that are methods of arrays or tensors: refused whatever they are called on, unless the file has its own."""

_LIBRARIES = ("numpy", "scipy", "torch", "operator", "numba")

_BACK_DOORS = ("scipy", "ctypes", "cffi", "cupy", "jax", "tensorflow", "subprocess", "multiprocessing", "socket",
               "mlsys_kernels", "sklearn", "pandas", "numexpr", "cython", "pybind11")  # fmt: skip
_NOT_HERE = ("torch", "triton")
"""Refused where an exercise is about NumPy and numba."""


def library_product(tree: ast.Module, exercise: Exercise, where: str, again: str) -> Message | None:
    """The first call of a library's matrix product in the file, where the exercise asks for the learner's own."""
    if not exercise.own_product:
        return None
    modules, own = _imported(tree), _own_names(tree)
    doors = _BACK_DOORS if exercise.needs == "triton" else _BACK_DOORS + _NOT_HERE
    for node in _outside_main_guard(tree):
        found = _forbidden(node, modules, own, doors)
        if found is not None:
            cause = "the product itself is the exercise here, so a library must not compute it"
            if found.startswith("import"):
                cause = "this exercise needs NumPy, numba and plain Python; what is imported here could call a library"
            place = f"{where}, line {getattr(node, 'lineno', '?')}"
            return Message(
                place, f"the file uses {found}", "", cause, f"write it yourself, then: {again}", name="policy"
            )
    return None


def _imported(tree: ast.Module) -> dict[str, str]:
    """Local name -> what it stands for, e.g. {"np": "numpy", "prod": "numpy.dot"}."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _own_names(tree: ast.Module) -> set[str]:
    """Names that the file itself gives to functions, fields and attributes."""
    own: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            own.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            own.add(node.target.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            own.add(node.attr)
        elif isinstance(node, ast.keyword) and node.arg:
            own.add(node.arg)
    return own


def _outside_main_guard(tree: ast.Module) -> list[ast.AST]:
    """Every node but those under `if __name__ == "__main__":`, which a learner may use to compare with NumPy."""
    nodes: list[ast.AST] = []
    for statement in tree.body:
        parts = statement.orelse if isinstance(statement, ast.If) and _is_main_guard(statement.test) else [statement]
        nodes += [child for part in parts for child in ast.walk(part)]
    return sorted(nodes, key=lambda node: getattr(node, "lineno", 0))


def _is_main_guard(test: ast.expr) -> bool:
    """True for a condition that cannot hold unless the file is run as a script."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(_is_main_guard(part) for part in test.values)
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
        return False
    sides = (test.left, test.comparators[0])
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides) and any(
        isinstance(side, ast.Constant) and side.value == "__main__" for side in sides
    )


def _forbidden(node: ast.AST, modules: dict[str, str], own: set[str], doors: tuple[str, ...]) -> str | None:
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.MatMult):
        return "the operator @"
    if isinstance(node, ast.Import):
        return next((f"import {a.name}" for a in node.names if a.name.split(".")[0] in doors), None)
    if isinstance(node, ast.ImportFrom) and node.module:
        root = node.module.split(".")[0]
        if root in doors:
            return f"import {node.module}"
        if root in _LIBRARIES:
            return next((f"{node.module}.{a.name}" for a in node.names if a.name in PRODUCTS), None)
    if isinstance(node, ast.Attribute) and node.attr in PRODUCTS:
        owner = _dotted(node.value)
        root = modules.get(owner.split(".")[0], "").split(".")[0] if owner else ""
        return f"{owner}.{node.attr}" if root in _LIBRARIES else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS - own:
        owner = _dotted(node.func.value)
        root = modules.get(owner.split(".")[0], "").split(".")[0] if owner else ""
        return f"{owner or '...'}.{node.func.attr}" if root in ("", *_LIBRARIES) else None
    return None


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""
