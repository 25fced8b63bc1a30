"""Where the copy of a submission lies while it is graded, beside the machine code that numba makes of it.

In a gym that is `.mlsys/compiled/KEY`, kept for the next run. Elsewhere it is a temporary folder: what a stranger's
file leaves behind must not be there when it is graded again. The key holds the bytes of the submission, so that two
submissions never share machine code; numba's own index adds the processor.
"""

import contextlib
import hashlib
import os
import platform
import tempfile
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from mlsys_kernels.grading.scratch import remove

KEPT = 100
"""Folders that are kept, one per version of a file."""
_FIXED_TIME = 1_000_000_000
"""When every copy of a submission was last changed: numba's cache compares it."""


class Home:
    """The folder of one submission, made when it is first asked for."""

    def __init__(self, data: bytes, name: str, gym: Path | None) -> None:
        self._data, self._name, self._gym = data, name, gym
        self._temporary: str | None = None

    @cached_property
    def folder(self) -> Path:
        """A folder with a copy of exactly these bytes under the name of the exercise's file."""
        if self._gym is not None:
            with contextlib.suppress(OSError):  # it cannot be written to
                return self._make(self._gym / ".mlsys" / "compiled")
        self._temporary = tempfile.mkdtemp(prefix="mlsys-")
        return self._make(Path(self._temporary))

    def _make(self, parent: Path) -> Path:
        folder = parent / self._key()
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f".{os.getpid()}"
        fresh.write_bytes(self._data)
        os.utime(fresh, (_FIXED_TIME, _FIXED_TIME))
        fresh.replace(folder / self._name)
        os.utime(folder)
        by_age = sorted(parent.iterdir(), key=lambda path: path.lstat().st_mtime)
        for old in by_age[:-KEPT]:
            remove(old)
        return folder

    def _key(self) -> str:
        about = [self._data, platform.machine().encode(), platform.python_version().encode()]
        about += [f"{name} {_version(name)}".encode() for name in ("numba", "numpy", "llvmlite", "triton")]
        return hashlib.sha256(b"\0".join(about)).hexdigest()[:20]

    def close(self) -> None:
        """Take a temporary folder away."""
        if self._temporary is not None:
            remove(Path(self._temporary))
            self._temporary = None


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
