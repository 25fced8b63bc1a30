"""pytest as a learner uses it: what is collected, what is shown, the exit code; and that nothing graded is imported."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from mlsys_kernels.course.catalog import BY_FILE

RIGHT = """
import numpy as np

def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        c += a[:, k:k + 1] * b[k]
    return c
"""
WRONG = RIGHT.replace("range(a.shape[1])", "range(a.shape[1] // 4 * 4)")
STUB = "def matmul(a, b):\n    raise NotImplementedError('todo')\n"
# The one folder of a gym that a graded file can write to is the one for its machine code.
MARK = "import os, pathlib\npathlib.Path(os.environ['NUMBA_CACHE_DIR'], 'pid').open('a').write(f'{os.getpid()}\\n')\n"


def marks(gym: Path) -> list[str]:
    """The processes in which a marked file was loaded."""
    return [pid for path in gym.glob(".mlsys/compiled/*/*/pid") for pid in path.read_text().split()]


@pytest.fixture
def gym(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.pytest]\nmlsys_gym = true\ntestpaths = ["exercises"]\n')
    for folder in ("exercises", "solutions"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "01_naive.py").write_text(RIGHT)
    return tmp_path


def run(gym: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest as a learner would, in `gym`."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=gym, capture_output=True, text=True, timeout=120, check=False)


def write(gym: Path, source: str, name: str = "01_naive.py") -> None:
    (gym / "exercises" / name).write_text(source)


@pytest.mark.parametrize(
    "argument", ["exercises/01_naive.py", "exercises/01_naive.py::square", "exercises", "."], ids=str
)
def test_nothing_that_is_graded_runs_inside_pytest(gym: Path, argument: str) -> None:
    write(gym, MARK + RIGHT)
    code = "import os, pytest, sys; code = pytest.main(sys.argv[1:]); print('pytest was', os.getpid()); sys.exit(code)"
    done = subprocess.run(
        [sys.executable, "-c", code, "-p", "no:cacheprovider", "-k", "square", argument],
        cwd=gym, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
    (graded_in,) = marks(gym)
    assert f"pytest was {graded_in}\n" not in done.stdout
    assert "pytest was" in done.stdout


def test_collecting_does_not_even_start_a_worker(gym: Path) -> None:
    write(gym, MARK + RIGHT)
    done = run(gym, "--collect-only", "-q", "exercises/01_naive.py")

    assert "exercises/01_naive.py::square" in done.stdout
    assert marks(gym) == []


def test_bare_pytest_grades_the_exercises_and_only_them(gym: Path) -> None:
    write(gym, "def test_never(): assert False\n", "test_stray.txt")
    done = run(gym)

    assert done.returncode == 0
    assert "exercises/01_naive.py  passed" in done.stdout
    assert "solutions/01_naive.py" not in done.stdout


def test_a_solution_is_graded_by_the_same_command(gym: Path) -> None:
    done = run(gym, "solutions")

    assert done.returncode == 0
    assert "solutions/01_naive.py  passed" in done.stdout


def test_a_stub_is_todo_neither_failed_nor_passed(gym: Path) -> None:
    write(gym, STUB)
    done = run(gym, "--junit-xml", "junit.xml")

    assert done.returncode == 0
    assert "passed" not in done.stdout.splitlines()[-1]
    assert " todo in " in done.stdout.splitlines()[-1]
    assert "start with exercises/01_naive.py" in done.stdout
    suite = ET.parse(gym / "junit.xml").getroot()[0]
    assert suite.get("failures") == suite.get("errors") == "0"
    assert suite.get("skipped") == suite.get("tests")


def test_strict_todo_makes_a_stub_fail(gym: Path) -> None:
    write(gym, STUB)

    assert run(gym, "--strict-todo").returncode == 1


def test_a_failure_has_five_parts_and_none_of_our_own_lines(gym: Path) -> None:
    write(gym, WRONG)
    done = run(gym)

    assert done.returncode == 1
    for part in ("where   exercises/01_naive.py, case tall", "what  ", "numbers ", "cause ", "next  "):
        assert part in done.stdout
    assert "the last 3 terms are never added" in done.stdout
    assert "Traceback" not in done.stdout
    assert "mlsys_kernels" not in done.stdout.split("FAILURES")[1]
    assert "next: mend exercises/01_naive.py" in done.stdout


def test_the_same_failure_is_told_once(gym: Path) -> None:
    write(gym, "def matmul(a, b):\n    return None\n")
    done = run(gym)

    assert done.stdout.count("it returned None") == 2  # the message, and the table
    assert "as square: tall, wide" in done.stdout


def test_the_learners_own_traceback_is_cut_to_their_file(gym: Path) -> None:
    lines = ["import numpy as np", "", "def inner(a):", "    return np.ones((2, 3)) + np.ones((3, 2))", ""]
    write(gym, "\n".join([*lines, "def matmul(a, b):", "    return inner(a)", ""]))
    done = run(gym, "-k", "square")

    assert "line 7, in matmul:  return inner(a)" in done.stdout
    assert "line 4, in inner:" in done.stdout
    assert "worker.py" not in done.stdout


def test_k_and_lf_and_xdist_work(gym: Path) -> None:
    write(gym, WRONG)
    command = [sys.executable, "-m", "pytest"]
    first = subprocess.run([*command, "-k", "tall or square"], cwd=gym, capture_output=True, text=True, check=False)
    again = subprocess.run([*command, "--lf"], cwd=gym, capture_output=True, text=True, check=False)

    assert "1 failed, 1 passed" in first.stdout
    assert "tall" in again.stdout
    assert " passed" not in again.stdout.splitlines()[-1]


def test_under_xdist_a_file_stays_on_one_worker_and_the_summary_is_whole(gym: Path) -> None:
    write(gym, MARK + RIGHT)
    done = run(gym, "-n", "2", "exercises", "solutions")

    assert done.returncode == 0, done.stdout
    assert "exercises/01_naive.py  passed" in done.stdout
    assert "solutions/01_naive.py  passed" in done.stdout
    ways = {case.run for case in BY_FILE["01_naive.py"].cases}
    assert len(marks(gym)) == len(ways)  # one process for each way of running the file, not one for each case


def test_a_file_that_hangs_or_crashes_does_not_touch_the_next_file(gym: Path) -> None:
    write(gym, "def matmul(a, b):\n    while True: pass\n")
    done = run(gym, "exercises", "solutions", "--case-seconds", "2", "-k", "square or tall")

    assert done.returncode == 1
    assert "exercises/01_naive.py  error" in done.stdout
    assert "solutions/01_naive.py  passed" in done.stdout


def test_exit_code_4_is_only_for_a_path_that_is_missing(gym: Path) -> None:
    write(gym, "this is not python\n")

    assert run(gym, "exercises/99_none.py").returncode == 4
    assert run(gym, "exercises/01_naive.py").returncode == 1


def test_outside_a_gym_the_plugin_is_inert(gym: Path) -> None:
    (gym / "pyproject.toml").write_text("[tool.pytest]\n")
    (gym / "test_own.py").write_text("def test_own(): pass\n")
    done = run(gym)

    assert done.returncode == 0
    assert "1 passed" in done.stdout
    assert "gym:" not in done.stdout


def test_other_tests_in_a_gym_are_left_alone(gym: Path) -> None:
    (gym / "test_own.py").write_text("def test_own(): assert 1 == 1\n")
    done = run(gym, "test_own.py")

    assert "1 passed" in done.stdout


def test_a_run_says_its_seed_and_the_seed_can_be_given(gym: Path) -> None:
    assert "--kernel-seed 11" in run(gym, "-k", "square", "--kernel-seed", "11").stdout
