"""Remove a folder that a stranger has filled: however deep, whatever the names, never following a link."""

import contextlib
import itertools
import os
from pathlib import Path


def remove(folder: Path) -> None:
    """Remove a folder and all that is in it, as far as the system allows.

    Not shutil.rmtree, which follows the depth by recursion: folders within folders are first moved up, one level at a
    time, so that no path grows longer than two names.
    """
    numbers = itertools.count()
    with contextlib.suppress(OSError):
        while inner := _empty(folder):
            for name in inner:
                below = folder / name
                with contextlib.suppress(OSError):
                    below.chmod(0o700)
                for deeper in _empty(below):
                    with contextlib.suppress(OSError):
                        (below / deeper).rename(folder / f".moved-{os.getpid()}-{next(numbers)}")
                below.rmdir()
        folder.rmdir()


def _empty(folder: Path) -> list[str]:
    """Remove the files of a folder; the names of the folders in it."""
    inner = []
    with os.scandir(folder) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False):
                inner.append(entry.name)
            else:
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()
    return inner
