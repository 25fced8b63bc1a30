"""Execute a learner's file as a module, inside a worker process; never in pytest's own process."""

import sys
from pathlib import Path
from types import ModuleType


def load_module(path: Path) -> ModuleType:
    """Run the file's bytes as a module and return it.

    The file's own folder is not put on sys.path and no bytecode cache is read or written: what runs is the text that
    is on the disk now. numba and triton find the source through `__file__`. Whatever the file raises passes through.
    """
    module = ModuleType(f"submission_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # numba's cache and pickle look modules up by name
    exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    return module
