"""Imports run one way: what lies lower knows nothing of what lies higher."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "mlsys_kernels"

# Each layer and the layers of ours that it may import.
ALLOWED: dict[str, set[str]] = {
    "course": set(),
    "kernels": set(),
    "ops": {"kernels"},
    "tracing": {"course"},
    "grading": {"course", "tracing"},
    "bench": {"course", "grading", "ops"},
    "report": set(),
    "pytest_plugin": {"course", "kernels", "ops", "tracing", "grading", "bench", "report"},
    "cli": {"course", "kernels", "ops", "tracing", "grading", "bench", "report"},
    "__init__": {"ops"},
}
HEAVY = {"torch", "triton", "numba", "altair", "vl_convert"}
FILES = sorted(PACKAGE.rglob("*.py"))


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_in(tree: ast.AST) -> list[str]:
    """Dotted names of everything that is imported below `tree`."""
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def test_every_layer_has_its_rule() -> None:
    assert {layer(path) for path in FILES} == set(ALLOWED)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_its_layer_may_know(path: Path) -> None:
    for name in imports_in(ast.parse(path.read_text(encoding="utf-8"))):
        parts = name.split(".")
        if parts[0] == "mlsys_kernels" and len(parts) > 1 and not parts[1].startswith("__"):
            assert parts[1] == layer(path) or parts[1] in ALLOWED[layer(path)], f"{path.name} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_an_import_inside_a_function_is_there_for_weight_or_platform_only(path: Path) -> None:
    if path in (PACKAGE / "cli.py", PACKAGE / "__init__.py"):
        return  # every command imports what it needs, so `mlk --help` is quick; and the package is lazy by contract
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef):
            for name in imports_in(function):
                lazy = HEAVY | {"resource", "xdist", "concurrent", "unittest"}  # what a zygote imports before it forks
                ours = {"mlsys_kernels.course.scripted", "mlsys_kernels.tracing.interpreter", "mlsys_kernels.kernels"}
                known = name.split(".")[0] in lazy or any(name.startswith(module) for module in ours)
                assert known, f"{path.name}: {name} is imported inside {function.name}"


def test_importing_the_package_pulls_in_nothing_heavy() -> None:
    code = "import sys, mlsys_kernels; print(*[name for name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert "mlsys_kernels" in loaded
    assert not {name.split(".")[0] for name in loaded} & (HEAVY | {"numpy"})


def test_the_judge_pulls_in_nothing_heavy() -> None:
    code = "import sys, mlsys_kernels.pytest_plugin; print(*[name for name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert not {name.split(".")[0] for name in loaded} & HEAVY
