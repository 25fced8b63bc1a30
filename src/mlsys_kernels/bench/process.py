"""Start the bench worker, talk to it, and end it: on a time limit, a memory limit or too much output.

The worker has its own process group, which is killed as a whole, and an environment in which nothing tells that pytest
is near. This keeps mistakes away from the grader. It is not a wall against hostile code, which could still read files,
use the network or leave a process behind in a session of its own.
"""

import contextlib
import ctypes
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mlsys_kernels.bench import frames
from mlsys_kernels.grading.verdict import printable

MEMORY_BYTES = 4 << 30
"""Resident memory of a worker: enough for torch and the largest product, too little to push a laptop into swap."""
FILE_BYTES = 256 << 20
"""The largest file that a worker may write."""
STOPPED = 70
"""Exit status of a worker that could not go on."""
_PR_SET_PDEATHSIG = 1
OUTPUT_SHOWN = 4000
"""Characters of a worker's output that are kept."""
LINE_SHOWN = 200
"""Characters of one line of it."""
OUTPUT_LIMIT = 64 << 20
"""Bytes of output after which a worker is killed."""


# -I shuts out the learner's folder and every PYTHON* variable, PYTHONPATH too: so say where this package is.
_START = "import runpy, sys; sys.path.append(sys.argv.pop()); runpy.run_module(sys.argv.pop(), run_name='__main__')"


@dataclass(frozen=True)
class Reply:
    """What the worker answered: a header and the raw bytes of its arrays."""

    message: dict[str, Any]
    buffers: list[bytearray]


@dataclass(frozen=True)
class Died:
    """The worker gave no answer. `cause`: timeout, memory, output-flood, crash or no-answer."""

    cause: str
    detail: str


class Worker:
    """One worker process running `module`. `env` is added to the judge's own, less what tells of pytest."""

    def __init__(self, env: dict[str, str], module: str) -> None:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PYTHON", "COV_"))}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", _START, module, str(Path(__file__).parents[2])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=inherited | env,
            start_new_session=sys.platform != "win32",
        )
        self._replies: queue.Queue[Reply | Died] = queue.Queue()
        self._output = bytearray()
        self._printed = 0
        self._readers = [
            threading.Thread(target=target, daemon=True) for target in (self._read_replies, self._read_output)
        ]
        for reader in self._readers:
            reader.start()

    def ask(self, message: dict[str, Any], buffers: list[bytes], seconds: float) -> Reply | Died:
        """Send a request and wait for its answer, at most `seconds`. After a `Died` the worker is gone."""
        assert self._process.stdin is not None
        deadline = time.monotonic() + seconds
        sender = threading.Thread(target=self._send, args=(self._process.stdin, message, buffers), daemon=True)
        sender.start()
        while True:
            try:
                answer = self._replies.get(timeout=min(0.1, max(deadline - time.monotonic(), 0.001)))
                break
            except queue.Empty:
                pass
            if time.monotonic() >= deadline:
                answer = Died("timeout", f"no answer within {seconds:g} s")
            elif self._printed > OUTPUT_LIMIT:
                answer = Died("output-flood", f"more than {OUTPUT_LIMIT >> 20} MiB printed")
            elif _resident_bytes(self._process.pid) > MEMORY_BYTES:
                answer = Died("memory", f"more than {MEMORY_BYTES >> 30} GiB used")
            else:
                continue
            break
        if isinstance(answer, Died):
            self.close()
        return answer

    def output(self) -> str:
        """What the learner's code has printed since the last call, cut to 4,000 characters."""
        time.sleep(0.01)  # the last bytes may still be on their way through the pipe
        lines = printable(self._output.decode("utf-8", "replace")).split("\n")
        text = "\n".join(line if len(line) <= LINE_SHOWN else f"{line[:LINE_SHOWN]} ..." for line in lines)
        cut = self._printed - len(self._output)
        self._output.clear()
        self._printed = 0
        return text + (f"\n... ({cut:,} more bytes were cut)" if cut > 0 else "")

    def close(self) -> None:
        """Kill the worker and everything in its process group."""
        if sys.platform == "win32":
            self._process.kill()
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        for reader in self._readers:
            reader.join(timeout=1)  # not for ever: a process that left the group may hold the pipe open

    def _send(self, stream: IO[bytes], message: dict[str, Any], buffers: list[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            frames.send(stream, message, buffers)

    def _read_replies(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        with stream:
            try:
                while (frame := frames.receive(stream)) is not None:
                    self._replies.put(Reply(*frame))
            except (frames.FrameError, OSError, MemoryError) as error:
                self._replies.put(Died("no-answer", f"the worker's reply could not be read ({error})"))
                return
        self._replies.put(self._obituary())

    def _obituary(self) -> Died:
        try:
            status = self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return Died("no-answer", "the file closed the worker's reply channel")
        if status == STOPPED:
            return Died("no-answer", "the worker could not go on")
        if status >= 0:
            return Died("crash", f"the process ended itself with exit status {status}")
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = f"signal {-status}"
        return Died("crash", f"the process was ended by {name}")

    def _read_output(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        with stream, contextlib.suppress(OSError, ValueError):
            while chunk := stream.read1(65536):  # type: ignore[attr-defined]
                self._output += chunk[: max(0, OUTPUT_SHOWN - len(self._output))]
                self._printed += len(chunk)


def _resident_bytes(pid: int) -> int:
    """Memory that the process holds now; 0 where the system does not tell (then only its own limits count)."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def limit_self() -> None:
    """In the worker: limit file size and core dumps, and (on Linux) die with the parent."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
