"""A worker ends when it must: on its limits, with the judge, and without leaving a process of its group behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlsys_kernels.grading.sandbox import Died, Reply, Worker, printable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups and signals of POSIX")


def load(worker: Worker, path: Path, seconds: float = 30) -> Reply | Died:
    return worker.ask({"do": "load", "path": str(path), "needs": "numpy"}, [], seconds)


def alive(pid: int) -> bool:
    """Whether the process still runs; one that is dead but not yet collected does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def soon(condition: object, seconds: float = 10) -> bool:
    """Wait until condition() holds, at most so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


def test_a_child_of_the_file_is_ended_with_the_worker(tmp_path: Path) -> None:
    path = tmp_path / "forks.py"
    path.write_text(
        "import os, pathlib, time\nchild = os.fork()\nif child == 0:\n    time.sleep(60)\n"
        "pathlib.Path(__file__).with_suffix('.pid').write_text(str(child))\n"
    )
    worker = Worker({})
    assert isinstance(load(worker, path), Reply)
    child = int((tmp_path / "forks.pid").read_text())
    assert alive(child)

    worker.close()

    assert soon(lambda: not alive(child))


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's parent-death signal")
def test_a_worker_dies_when_the_judge_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "spins.py"
    path.write_text(
        "import os, pathlib\npathlib.Path(__file__).with_suffix('.pid').write_text(str(os.getpid()))\n"
        "while True: pass\n"
    )
    code = (
        "import sys\nfrom mlsys_kernels.grading.sandbox import Worker\n"
        "Worker({}).ask({'do': 'load', 'path': sys.argv[1], 'needs': 'numpy'}, [], 60)\n"
    )
    judge = subprocess.Popen([sys.executable, "-c", code, str(path)])
    pid_file = tmp_path / "spins.pid"
    assert soon(lambda: pid_file.exists() and pid_file.read_text(), 30)
    worker = int(pid_file.read_text())

    os.kill(judge.pid, signal.SIGKILL)
    judge.wait()

    assert soon(lambda: not alive(worker))


def test_a_stopped_worker_runs_into_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "stops.py"
    path.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n")
    start = time.monotonic()
    answer = load(Worker({}), path, seconds=3)

    assert isinstance(answer, Died)
    assert answer.cause == "timeout"
    assert time.monotonic() - start < 20


def test_noise_on_the_reply_channel_is_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "noise.py"
    path.write_text(
        "import os\nfor fd in range(3, 20):\n"
        "    try: os.write(fd, b'MLK1' + b'\\xff' * 999)\n    except OSError: pass\n"
    )
    answer = load(Worker({}), path)

    assert isinstance(answer, Died)
    assert answer.cause == "no-answer"


def test_a_process_that_left_the_group_does_not_hold_the_judge_up(tmp_path: Path) -> None:
    path = tmp_path / "leaves.py"
    path.write_text("import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(8)\n    os._exit(0)\n")
    worker = Worker({})
    assert isinstance(load(worker, path), Reply)
    start = time.monotonic()

    worker.close()

    assert time.monotonic() - start < 6


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert printable("a\x1b[2Jb\x07\tc\nd é") == "a?[2Jb?\tc\nd é"
