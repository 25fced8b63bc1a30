"""Execute a learner's file as a module, inside a worker process; never in pytest's own process."""

import ast
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType


def load_module(path: Path, sizes: Mapping[str, int] | None = None) -> ModuleType:
    """Run the file's bytes as a module and return it, with other numbers where it says `NAME = ...` for one of `sizes`.

    The file's own folder is not put on sys.path and no bytecode cache is read or written: what runs is the text that
    is on the disk now. numba and triton find the source through `__file__`. Whatever the file raises passes through.
    """
    module = ModuleType(f"submission_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # numba's cache and pickle look modules up by name
    tree = ast.parse(path.read_bytes(), str(path))
    for node in tree.body:
        name = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        if isinstance(node, ast.Assign) and isinstance(name, ast.Name) and name.id in (sizes or {}):
            node.value = ast.copy_location(ast.Constant((sizes or {})[name.id]), node.value)
    exec(compile(tree, str(path), "exec"), module.__dict__)
    return module
