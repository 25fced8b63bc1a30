"""What can be said about a file before it runs: can it be read, does it parse, does it call a library's product."""

import ast
import stat
import tokenize
from io import BytesIO
from pathlib import Path

from mlsys_kernels.course.spec import Exercise
from mlsys_kernels.grading.verdict import Message

SIZE_LIMIT = 1 << 20
"""Bytes; the longest solution has 6,000."""

# fmt: off
PRODUCTS = frozenset((
    "dot", "matmul", "inner", "vdot", "vecdot", "matvec", "vecmat", "outer", "einsum", "einsum_path", "tensordot",
    "multi_dot", "kron", "mm", "bmm", "addmm", "addmv", "addbmm", "baddbmm", "mv", "chain_matmul", "linear", "bilinear",
))
# fmt: on
"""Functions of NumPy, SciPy and torch that compute the product, or most of it."""

_OWN_LANGUAGE = ("triton",)
"""Modules whose `dot` is the exercise itself: tl.dot multiplies two tiles, not two matrices."""

_BACK_DOORS = ("scipy", "ctypes", "cffi", "subprocess", "mlsys_kernels")


def read_source(path: Path, where: str, again: str) -> tuple[ast.Module | None, Message | None]:
    """Parse the file; or say, as a message, why it cannot be read as Python."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return None, _unreadable(
                where, "is not a regular file", "", "a folder, pipe or device has this name", again
            )
        if status.st_size > SIZE_LIMIT:
            numbers = f"{status.st_size:,} bytes, at most {SIZE_LIMIT:,}"
            return None, _unreadable(where, "is too large for an exercise", numbers, "it is probably not source", again)
        data = path.read_bytes()
    except OSError as error:
        return None, _unreadable(where, f"cannot be read: {error.strerror}", "", "a missing or protected file", again)
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
        data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError) as error:
        cause = "it was saved in another encoding; save it as UTF-8"
        return None, _unreadable(where, "is not UTF-8 text", str(error).split(":")[-1].strip(), cause, again)
    try:
        return ast.parse(data, str(path)), None
    except SyntaxError as error:
        line = (error.text or "").rstrip()
        numbers = f"line {error.lineno}: {line.strip()}" if error.lineno else ""
        cause = "Python stopped reading here; the mistake is often on the line above (a bracket, a colon, an indent)"
        return None, _unreadable(where, f"is not valid Python: {error.msg}", numbers, cause, again)
    except (ValueError, RecursionError, MemoryError) as error:
        cause = "an expression nested too deep, or a null byte"
        return None, _unreadable(where, "is not valid Python", str(error)[:100], cause, again)


def _unreadable(where: str, what: str, numbers: str, cause: str, again: str) -> Message:
    return Message(where, f"the file {what}", numbers, cause, again)


def library_product(tree: ast.Module, exercise: Exercise, where: str, again: str) -> Message | None:
    """The first call of a library's matrix product in the file, where the exercise asks for the learner's own."""
    if not exercise.own_product:
        return None
    modules = _imported(tree)
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in _outside_main_guard(tree):
        found = _forbidden(node, modules, own)
        if found is not None:
            cause = "the product itself is the exercise here, so a library must not compute it"
            if found.startswith("import"):
                cause = "an exercise file needs numpy, numba, torch, triton and plain Python; this could call a library"
            place = f"{where}, line {getattr(node, 'lineno', '?')}"
            return Message(place, f"the file uses {found}", "", cause, f"write it yourself, then: {again}")
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


def _outside_main_guard(tree: ast.Module) -> list[ast.AST]:
    """Every node but those under `if __name__ == "__main__":`, which a learner may use to compare with NumPy."""
    kept = [node for node in tree.body if not _is_main_guard(node)]
    nodes = [child for node in kept for child in ast.walk(node)]
    return sorted(nodes, key=lambda node: getattr(node, "lineno", 0))


def _is_main_guard(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Compare)
        and isinstance(node.test.left, ast.Name)
        and node.test.left.id == "__name__"
    )


def _forbidden(node: ast.AST, modules: dict[str, str], own: set[str]) -> str | None:
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.MatMult):
        return "the operator @"
    if isinstance(node, ast.Import):
        return next((f"import {a.name}" for a in node.names if a.name.split(".")[0] in _BACK_DOORS), None)
    if isinstance(node, ast.ImportFrom) and node.module:
        root = node.module.split(".")[0]
        if root in _BACK_DOORS:
            return f"import {node.module}"
        if root not in _OWN_LANGUAGE:
            return next((f"{node.module}.{a.name}" for a in node.names if a.name in PRODUCTS), None)
    if isinstance(node, ast.Attribute) and node.attr in PRODUCTS:
        owner = _dotted(node.value)
        root = modules.get(owner.split(".")[0], "").split(".")[0] if owner else ""
        own_method = not root and node.attr in own  # V().dot(...), where the file itself defines a method dot
        return None if root in _OWN_LANGUAGE or own_method else f"{owner or '...'}.{node.attr}"
    return None


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""
