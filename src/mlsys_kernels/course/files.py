"""Where the course's files are: the learner's gym if there is one, else the copy inside the installed package."""

import tomllib
from pathlib import Path

from mlsys_kernels.course.catalog import CATALOG

PACKAGED = Path(__file__).parents[1] / "gym"
"""exercises/ and solutions/ as the wheel carries them; absent in a checkout, where the repository is the gym."""


def is_gym(folder: Path) -> bool:
    """True if the folder's pyproject.toml says `mlsys_gym = true` in its pytest configuration."""
    try:
        config = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
    pytest_table = config.get("tool", {}).get("pytest", {})
    return any(
        table.get("mlsys_gym") in (True, "true") for table in (pytest_table, pytest_table.get("ini_options", {}))
    )


def find_gym(start: Path) -> Path | None:
    """The nearest gym at or above `start`, or None."""
    start = start.resolve()
    return next((folder for folder in (start, *start.parents) if is_gym(folder)), None)


def first_gap(gym: Path) -> tuple[Path, int] | None:
    """The first exercise of the course with an open gap, and that gap's line; None when nothing is left to write."""
    for exercise in CATALOG:
        path = exercise.path(gym)
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        for number, line in enumerate(lines, start=1):
            if line.lstrip().startswith("raise NotImplementedError("):
                return path, number
    return None


def gym_or_package(start: Path) -> Path:
    """The folder that holds exercises/ and solutions/: the gym above `start`, else the package's own copy."""
    gym = find_gym(start)
    if gym is not None:
        return gym
    return PACKAGED if PACKAGED.is_dir() else Path(__file__).parents[3]
