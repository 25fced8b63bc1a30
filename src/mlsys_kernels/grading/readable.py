"""What a worker must be able to read in order to run Python, NumPy, numba, torch and Triton, and no more.

`paths` goes into landlock.restrict's `read`, `folders` into its `listing`. Both are found once, in a parent, from where
this interpreter and those libraries are: a virtual environment and what it was made from, pyenv, conda, a
distribution's Python. Never among them: this package, a checkout of it, or any installed one that the five do not
require. What is still to be imported from there must be imported before the files are closed, and so must a library
that is installed as editable.

The names of what may not be read can still be listed in `folders`, as Python does when it imports; that would make
`import scipy` a PermissionError, which hardly anybody expects. `hide_the_rest` makes it an ImportError.
"""

import contextlib
import functools
import importlib.abc
import importlib.machinery
import os
import re
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from types import ModuleType

LIBRARIES = ("numpy", "numba", "llvmlite", "torch", "triton")
"""The distributions that a submission may import; what these require comes with them."""

_SYSTEM = (
    "/etc/ld.so.cache",
    "/dev/null",
    "/dev/urandom",
    "/proc/self",  # not resolved here: it must be the worker's own
    "/proc/cpuinfo",
    "/sys/devices/system/cpu",
    "/usr/share/zoneinfo",
)
_SYSTEM_LIBRARIES = ("/lib", "/lib32", "/lib64", "/libx32", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32")
_NOT_LIBRARIES = re.compile(r"python|pypy|(site|dist)-packages$|node_modules$|jvm$")
_INSTALLED = ("site-packages", "dist-packages")
_PACKAGE = Path(__file__).resolve().parents[1]


def paths() -> tuple[Path, ...]:
    """Files and folders to be read, each with all that is below it; none of them holds this package."""
    found = dict.fromkeys([*map(Path, _SYSTEM), *_shared_libraries(), *_standard_library(), *_installed()])
    return tuple(path for path in found if not _holds_us(path))


def folders() -> tuple[Path, ...]:
    """The folders that Python lists when it looks for a module of the standard library or of `LIBRARIES`."""
    bases = [dist.locate_file("") for dist in _distributions().values()]
    return tuple(dict.fromkeys([*_standard_library_folders(), *(Path(str(base)) for base in bases)]))


class _Unreadable(importlib.abc.MetaPathFinder):
    """Stands first among the finders and ends the search for a module whose file may not be opened."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Nothing, so that the others find it; or an error, so that none does."""
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.has_location and spec.origin is not None:
            try:
                # Not os.access: Landlock lets that say yes.
                os.close(os.open(spec.origin, os.O_RDONLY))
            except PermissionError:
                raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname) from None
        return None


def hide_the_rest() -> None:
    """In this process: a module that may not be read is one that is not installed."""
    sys.meta_path.insert(0, _Unreadable())


def _shared_libraries() -> Iterator[Path]:
    # /lib is a link to /usr/lib on most systems
    for folder in dict.fromkeys(Path(name).resolve() for name in _SYSTEM_LIBRARIES):
        for child in _children(folder):
            # A link may lead anywhere: judge what it leads to.
            parts = child.resolve().parts if child.is_symlink() else (child.name,)
            if not any(_NOT_LIBRARIES.match(part) for part in (child.name, *parts)):
                yield child
    # conda, pyenv and uv keep shared libraries of their own; the folders beside them may hold anything
    for prefix in dict.fromkeys((sys.prefix, sys.base_prefix)):
        for name in ("lib", "lib64"):
            yield from (child for child in _children(Path(prefix, name)) if ".so" in child.name)


def _standard_library_folders() -> tuple[Path, ...]:
    # From the base's own place: in a virtual environment, "platstdlib" is the folder of its site-packages.
    base = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    places = [Path(sysconfig.get_path(name, vars=base)) for name in ("stdlib", "platstdlib")]
    return tuple(dict.fromkeys([*places, *(place / "lib-dynload" for place in places)]))


def _standard_library() -> Iterator[Path]:
    for folder in _standard_library_folders():
        yield from (child for child in _children(folder) if child.name not in _INSTALLED)


@functools.cache
def _distributions() -> dict[str, metadata.Distribution]:
    """LIBRARIES and all that these require, directly or not, as far as it is installed."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(LIBRARIES)
    while waiting:
        name = _normal(waiting.pop())
        if name in found:
            continue
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.distribution(name)
            for line in found[name].requires or ():
                requirement, _, marker = line.partition(";")
                match = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
                # What a marker would leave out is as a rule not installed, and harmless if it is.
                if match and not re.search(r"\bextra\b", marker):
                    waiting.append(match[0])
    return found


def _installed() -> Iterator[Path]:
    for name, dist in _distributions().items():
        base = Path(str(dist.locate_file("")))
        tops = _recorded(dist) or {*_guessed(dist), name, name.replace("-", "_")}
        for top in sorted(tops):
            yield base / top
        yield base / f"{name.replace('-', '_')}.libs"


def _recorded(dist: metadata.Distribution) -> set[str]:
    """Top-level files and folders that an installer has noted; compiled single modules by their own names."""
    # One pass of a regular expression: torch's record has 15,000 lines.
    noted = set(re.findall(r'\n"?(__pycache__/[^,"]+|[^/,"]+)', "\n" + (dist.read_text("RECORD") or "")))
    return noted - {".."}  # programs and manual pages


def _guessed(dist: metadata.Distribution) -> set[str]:
    """The same where nobody has: a distribution's own packages leave the record out."""
    return {word for word in (dist.read_text("top_level.txt") or "").split() if re.fullmatch(r"\w+", word)}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _holds_us(path: Path) -> bool:
    """Whether this package is at `path`, below it or above it."""
    # One look at each path: its folder is shared with hundreds of others.
    real = os.path.realpath(path) if path.is_symlink() else f"{_real_folder(path.parent)}/{path.name}"
    us = f"{_PACKAGE}/"
    return us.startswith(f"{real}/") or real.startswith(us)


@functools.cache
def _real_folder(folder: Path) -> str:
    return os.path.realpath(folder).rstrip("/")
