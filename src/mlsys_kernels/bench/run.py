"""Run the benchmarks as a pytest of their own, show how far they are, and keep the JSON file.

The run writes to a temporary file beside the one that was asked for, which is replaced only when the run has ended.
pytest-benchmark switches itself off under pytest-xdist, so that plugin is not loaded.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from mlsys_kernels.course.files import PACKAGED


@dataclass(frozen=True)
class Request:
    """What to run: the benchmarks' folder, the gym, the rungs (none: all), the sizes (None: the default), how fast."""

    benchmarks: Path
    gym: Path
    rungs: tuple[str, ...]
    sizes: str | None
    quick: bool


@dataclass(frozen=True)
class Ended:
    """How the run ended: pytest's exit code, one line for each failure, the last lines that pytest printed.

    `written`: whether there is a record.
    """

    code: int
    written: bool
    failures: tuple[str, ...]
    output: str


class StoppedError(Exception):
    """The run was interrupted, and every process of it has ended."""


def find_benchmarks(gym: Path) -> Path:
    """The folder of the benchmarks: the gym's own, else the package's."""
    for folder in (gym, PACKAGED, Path(__file__).parents[3]):
        if (folder / "benchmarks" / "test_ladder.py").is_file():
            return folder / "benchmarks"
    return gym / "benchmarks"


def command(request: Request, events: Path, record: Path) -> list[str]:
    """The pytest command, as a list of arguments."""
    arguments = [sys.executable, "-m", "pytest", str(request.benchmarks / "test_ladder.py")]
    arguments += ["-p", "no:xdist", "-p", "no:cacheprovider", "--rootdir", str(request.benchmarks.parent)]
    arguments += ["-q", "--benchmark-quiet", f"--events={events}", f"--benchmark-json={record}"]
    arguments += [f"--rung={rung}" for rung in request.rungs]
    arguments += [f"--sizes={request.sizes}"] if request.sizes else []
    arguments += ["--quick"] if request.quick else []
    return arguments


def run(request: Request, record: Path, console: Console) -> Ended:
    """Run the benchmarks and write `record`; progress goes to `console`.

    Raises:
        StoppedError: on Ctrl-C or SIGTERM; `record` is as it was before.
        OSError: `record` cannot be written.
    """
    record.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".mlk-bench-", dir=record.parent) as scratch, _terminate_as_interrupt():
        events, unfinished = Path(scratch, "events"), Path(scratch, "run.json")
        events.touch()
        process = subprocess.Popen(
            command(request, events, unfinished),
            cwd=request.gym,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Ctrl-C then reaches this process alone, which passes it on once.
            start_new_session=sys.platform != "win32",
        )
        printed: list[bytes] = []
        reader = threading.Thread(target=_drain, args=(process.stdout, printed), daemon=True)
        reader.start()
        try:
            failures = _follow(process, events, console)
        except KeyboardInterrupt:
            raise StoppedError from None
        finally:
            _end(process)
        reader.join(timeout=5)
        # pytest-benchmark opens the file at the start, and leaves it empty if there is nothing to write.
        written = unfinished.is_file() and unfinished.stat().st_size > 0 and process.returncode in (0, 1)
        if written:
            unfinished.replace(record)
        output = b"".join(printed).decode("utf-8", "replace")
        return Ended(process.returncode, written, tuple(failures), "\n".join(output.splitlines()[-15:]))


def _follow(process: "subprocess.Popen[bytes]", events: Path, console: Console) -> list[str]:
    """Show what happens until the process ends; returns the failures."""
    failures: list[str] = []
    columns = (SpinnerColumn(), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("{task.description}"))  # fmt: skip
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("starting", total=None)
        with events.open(encoding="utf-8") as file:
            rest = ""
            running = True
            while running:
                running = _still_running(process)
                rest += file.read()
                *lines, rest = rest.split("\n")
                for event in map(json.loads, lines):
                    if "tests" in event:
                        progress.update(bar, total=event["tests"])
                    elif "step" in event:
                        progress.update(bar, description=event["text"])
                        if not console.is_terminal and event["step"] != "check":
                            console.print(event["text"], highlight=False)
                    elif "done" in event:
                        progress.advance(bar)
                        if event["outcome"] == "failed":
                            failures.append(event["why"])
    return failures


def _still_running(process: "subprocess.Popen[bytes]") -> bool:
    try:
        process.wait(timeout=0.1)
    except subprocess.TimeoutExpired:
        return True
    return False


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Interrupt pytest, which ends its workers, and wait for it; kill it if it does not end."""
    if process.poll() is not None:
        return
    with contextlib.suppress(KeyboardInterrupt):  # pressing Ctrl-C twice must not leave anything behind
        process.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
    if process.poll() is None:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _terminate_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM like Ctrl-C, so that it, too, leaves no process behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _drain(stream: BinaryIO | None, printed: list[Any]) -> None:
    while stream is not None and (chunk := os.read(stream.fileno(), 65536)):
        printed.append(chunk)
