"""What the project itself costs: the import, one graded exercise, all solutions. Minutes; not part of `mlk bench`.

    pytest benchmarks/test_overheads.py          (or: pytest benchmarks --slow)

Each command runs in a process of its own. The goals stand beside the measured times in the JSON; none of them fails a
test, since a busy machine is no fault of the project.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlsys_kernels.bench.replay import CLOCK, replay
from mlsys_kernels.course.files import gym_or_package

GYM = gym_or_package(Path(__file__).parent)


def command_record(command, goal_s):
    """Our part of the record of a command."""
    return {"schema": 1, "op": "command", "command": command, "goal_s": goal_s}


def run(arguments, cwd, scratch):
    """Run Python with these arguments, its caches below `scratch`; returns the seconds and what it printed."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))}
    env = inherited | {"HOME": str(scratch), "XDG_CACHE_HOME": str(scratch / "cache")}
    start = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], cwd=cwd, env=env, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return seconds, done.stdout


@pytest.fixture
def solved_gym(tmp_path):
    """A copy of the gym in which 01_naive is solved."""
    gym = tmp_path / "gym"
    shutil.copytree(GYM / "exercises", gym / "exercises")
    shutil.copy(GYM / "solutions" / "01_naive.py", gym / "exercises")
    (gym / "pyproject.toml").write_text("[tool.pytest]\nmlsys_gym = true\n")
    return gym


@pytest.mark.benchmark(timer=CLOCK, group="import mlsys_kernels (goal: under 0.1 s)")
def test_import(benchmark, tmp_path):
    """The import alone, without the start of Python, in ten fresh processes."""
    code = "import time; t = time.perf_counter(); import mlsys_kernels; print(time.perf_counter() - t)"
    seconds = tuple(float(run(["-c", code], tmp_path, tmp_path)[1]) for _ in range(10 if benchmark.enabled else 1))

    benchmark.extra_info["mlsys"] = command_record("import mlsys_kernels", 0.1)
    replay(benchmark, seconds)


@pytest.mark.benchmark(timer=CLOCK, group="pytest exercises/01_naive.py, solved and warm (goal: under 4 s)")
def test_grade_one_warm(benchmark, solved_gym, tmp_path):
    """One solved exercise, after a first run has filled numba's cache."""
    arguments = ["-m", "pytest", "exercises/01_naive.py", "-q"]
    run(arguments, solved_gym, tmp_path)
    seconds = tuple(run(arguments, solved_gym, tmp_path)[0] for _ in range(5 if benchmark.enabled else 1))

    benchmark.extra_info["mlsys"] = command_record("pytest exercises/01_naive.py", 4.0)
    replay(benchmark, seconds)


@pytest.mark.benchmark(timer=CLOCK, group="pytest solutions, cold (goal: under 120 s)")
def test_grade_solutions_cold(benchmark, tmp_path):
    """All solutions, in a copy that has compiled nothing yet."""
    shutil.copytree(GYM / "solutions", tmp_path / "solutions")
    (tmp_path / "pyproject.toml").write_text("[tool.pytest]\nmlsys_gym = true\n")
    seconds, _ = run(["-m", "pytest", "solutions", "-q"], tmp_path, tmp_path)

    benchmark.extra_info["mlsys"] = command_record("pytest solutions", 120.0)
    replay(benchmark, (seconds,))
