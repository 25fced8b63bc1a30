"""A worker ends when it must: on its limits, with the judge, and without leaving anything behind."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlsys_kernels.grading import channel, limits, sandbox
from mlsys_kernels.grading.channel import Code, Reply
from mlsys_kernels.grading.sandbox import Died, Worker, zygote
from mlsys_kernels.grading.verdict import printable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="grading needs Linux or macOS")

STRONG = sys.platform == "linux" and zygote("cpu").isolation.level == "strong"


@contextlib.contextmanager
def started(folder: Path, source: str) -> Iterator[Worker]:
    """A worker on `source`, not loaded yet."""
    (folder / "compiled").mkdir()
    path = folder / "submission.py"
    path.write_text(source)
    worker = Worker(zygote("cpu"), "compiled", path, folder / "compiled", own_product=True)
    try:
        yield worker
    finally:
        worker.close()


def load(worker: Worker, seconds: float = 30) -> Reply | Died:
    return worker.ask({"do": "load", "constants": []}, limits.budget(seconds))


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


@pytest.mark.parametrize(
    ("source", "cause", "words"),
    {
        "a busy loop": ("while True: pass", "timeout", "CPU time"),
        "a sleep": ("import time\ntime.sleep(99)", "timeout", "it waits"),
        "a stopped process": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", "timeout", "it waits"),
        "output without end": ("while True: print('x' * 10_000)", "output-flood", "printed"),
        "many small files": ("i = 0\nwhile True:\n    open(f'{i}', 'w').close()\n    i += 1", "disk", "written"),
        "memory that is shared": (
            "import mmap, time\nkept = []\nfor _ in range(40):\n    kept.append(mmap.mmap(-1, 64 << 20))\n"
            "    kept[-1].write(b'x' * (64 << 20))\ntime.sleep(9)",
            "memory",
            "used",
        ),
        "an exit": ("import os\nos._exit(0)", "crash", "exit status 0"),
        "a signal": ("import os\nos.abort()", "crash", "SIGABRT"),
        "noise on the reply channel": (
            "import os\nfor fd in range(3, 256):\n    try: os.write(fd, b'MLK2' + b'\\xff' * 999)\n"
            "    except OSError: pass",
            "no-answer",
            "forged",
        ),
    }.values(),
)
def test_what_a_file_does_while_it_is_imported_ends_it_with_its_cause(
    tmp_path: Path, source: str, cause: str, words: str
) -> None:
    with started(tmp_path, source) as worker:
        answer = load(worker, seconds=2)

    assert isinstance(answer, Died)
    assert (answer.cause, words in answer.detail) == (cause, True), answer


@pytest.mark.skipif(STRONG, reason="no process can be started here at all")
def test_a_child_of_the_file_is_ended_with_the_worker(tmp_path: Path) -> None:
    source = "import os, time\nchild = os.fork()\nif child == 0:\n    os.setsid()\n    time.sleep(60)\nprint(child)\n"
    with started(tmp_path, source) as worker:
        load(worker)
        child = int(worker.output())

    assert soon(lambda: not alive(child))


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's parent-death signal")
def test_nothing_outlives_a_judge_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "01_naive.py").write_text("print('up', flush=True)\nwhile True: pass\n")
    code = (
        "import sys\nfrom pathlib import Path\nfrom mlsys_kernels.course.catalog import CATALOG\n"
        "from mlsys_kernels.grading.grade import grade_file\ngrade_file(Path(sys.argv[1]), CATALOG[0])\n"
    )
    judge = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "01_naive.py")])

    def descendants(pid: int) -> list[int]:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if alive(pid) else []
        return [found for child in map(int, children) for found in (child, *descendants(child))]

    assert soon(lambda: len(descendants(judge.pid)) >= 2, 30)
    started_by_it = descendants(judge.pid)

    os.kill(judge.pid, signal.SIGKILL)
    judge.wait()

    assert soon(lambda: not any(alive(pid) for pid in started_by_it))


def test_the_folder_of_a_worker_goes_with_it(tmp_path: Path) -> None:
    source = "import os\nopen('left', 'w').write('x')\nprint(os.getcwd())\n"
    with started(tmp_path, source) as worker:
        assert isinstance(load(worker), Reply)
        folder = Path(worker.output().strip())
        assert (folder / "left").exists()

    assert not folder.exists()


def test_a_worker_knows_nothing_of_the_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "the seed")
    source = "import os, sys\nprint(sorted(os.environ), sys.argv)\n"
    with started(tmp_path, source) as worker:
        assert isinstance(load(worker), Reply)
        seen = worker.output()

    assert not any(word in seen for word in ("SECRET", "PYTEST", "seed", "solutions"))


@pytest.mark.parametrize("at", range(channel.HEADER.size))
def test_a_header_with_a_wild_byte_is_refused_or_says_the_same(at: int) -> None:
    sent = channel.HEADER.pack(channel.MAGIC, 7, Code.ARRAY, 0, 11, 2, 0, -1, 0, 4, 5, 0, 0, 0, 0)
    wild = bytearray(sent)
    wild[at] ^= 0xFF
    try:
        assert channel.check_header(bytes(wild), 7) <= channel.TEXT_LIMIT
    except channel.ForgedError:
        return
    reply = channel.read_reply(bytes(wild), b"")
    assert len(reply.shape) <= channel.DIMENSIONS


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert printable("a\x1b[2Jb\x07\tc\nd é") == "a?[2Jb?\tc\nd é"


@pytest.mark.skipif(sys.platform != "linux", reason="idle time is known from /proc")
def test_time_in_which_the_judge_itself_was_stopped_is_not_held_against_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    now = time.monotonic()
    monkeypatch.setattr(sandbox.time, "monotonic", lambda: now)
    try:
        clock = sandbox._Clock(sleeper.pid, limits.Budget(seconds=60, idle=5))
        now += 3600  # the lid of the laptop was closed, or the judge was put into the background
        assert clock.broken(compiling=False) is None

        looks = 0
        while (broken := clock.broken(compiling=False)) is None and looks < 100:
            now += 0.1
            looks += 1
        assert broken is not None
        assert broken.cause == "timeout"
        assert 30 < looks < 60
    finally:
        sleeper.kill()
        sleeper.wait()
