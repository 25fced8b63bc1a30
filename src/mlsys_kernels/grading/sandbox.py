"""The judge's side of a worker: start it, ask it, watch it, end it.

A zygote per kind (numba; numba for a fixed processor; Triton's interpreter; Triton on a GPU) is started when it is
first needed and lives as long as the judge. Each submission gets workers forked from it. A worker that breaks a limit,
dies, or sends what is no reply is ended, and `Died` says why; nothing that it started outlives it.
"""

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlsys_kernels.grading import channel, limits, scratch
from mlsys_kernels.grading.channel import ForgedError, Reply
from mlsys_kernels.grading.isolation import Isolation
from mlsys_kernels.grading.pages import Pages
from mlsys_kernels.grading.verdict import printable
from mlsys_kernels.grading.worker import STOPPED, Setup
from mlsys_kernels.tracing import machine_code

OUTPUT_SHOWN = 4000
"""Characters of a worker's output that are kept."""
LINE_SHOWN = 200
"""Characters of one line of it."""
TICK = 0.05
"""Seconds between two looks at a worker that is busy."""
LONGEST_LOOK = 1.0
"""Seconds between two looks that count: if more have passed, the judge itself was stopped, and nobody was watching."""
START_SECONDS = 120.0
"""How long a zygote may take to import its libraries."""

# -I shuts out the learner's folder and every PYTHON* variable, PYTHONPATH too: so say where this package is.
_START = "import sys; sys.path.append(sys.argv.pop()); from mlsys_kernels.grading import zygote; zygote.main()"
_FROM_JUDGE = ("CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class GraderFaultError(Exception):
    """The grader itself cannot go on: nothing is said about the submission."""


@dataclass(frozen=True)
class Died:
    """The worker gave no answer. `cause`: timeout, memory, disk, output-flood, crash, policy or no-answer.

    `signal` is the name of the signal that ended it, if one did.
    """

    cause: str
    detail: str
    signal: str | None = None


class Zygote:
    """The process that workers of one kind are forked from."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        mine, its = socket.socketpair()
        threads = str(max(2, min(8, os.cpu_count() or 2)))
        env = {name: os.environ[name] for name in _FROM_JUDGE if name in os.environ}
        env |= {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/", "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMBA_NUM_THREADS": threads,
                "TRITON_INTERPRET": "1" if kind == "interpreter" else "0"}  # fmt: skip
        env |= machine_code.ENVIRONMENT if kind == "code" else {}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as the zygote
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", _START, str(its.fileno()), kind, str(Path(__file__).parents[2])],
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            env=env,
            cwd="/",
            pass_fds=[its.fileno()],
            start_new_session=True,
        )
        its.close()
        self._line = mine
        self._line.settimeout(START_SECONDS)
        ready = self._receive()
        self.notes: list[str] = ready["notes"]
        self.isolation = self._try_isolation()

    def _receive(self) -> dict[str, Any]:
        try:
            data = self._line.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self._process.kill()
            self._errors.seek(0)
            last = self._errors.read()[-2000:].decode("utf-8", "replace")
            raise GraderFaultError(f"the process that forks the workers ({self.kind}) did not start:\n{last}")
        answer: dict[str, Any] = json.loads(data)
        return answer

    def _ask(self, message: dict[str, Any], descriptors: tuple[int, ...] = ()) -> dict[str, Any]:
        socket.send_fds(self._line, [json.dumps(message).encode()], descriptors)
        return self._receive()

    def _try_isolation(self) -> Isolation:
        with tempfile.TemporaryDirectory(prefix="mlsys-probe-") as folder:
            outside = Path(folder) / "outside"
            outside.write_bytes(b"unchanged")
            could_not = self._ask({"probe": str(outside)})["could not"]
        return Isolation(**could_not, native=self.kind == "native")

    def fork(self, setup: dict[str, Any], descriptors: tuple[int, ...]) -> int:
        """Fork a worker and return its process id."""
        return int(self._ask({"fork": setup}, descriptors)["pid"])

    def reap(self, pid: int) -> int:
        """End a worker and all that it started; its status, as waitpid gives it."""
        return int(self._ask({"reap": pid})["status"])

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def close(self) -> None:
        """End the zygote, which ends its workers first."""
        self._line.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()


_zygotes: dict[tuple[int, str], Zygote] = {}


def zygote(kind: str) -> Zygote:
    """This judge's zygote of a kind, started when it is first asked for.

    Raises:
        GraderFaultError: it does not start.
    """
    if sys.platform == "win32":
        raise GraderFaultError("grading needs Linux or macOS; on Windows, use WSL")
    key = (os.getpid(), kind)
    if key not in _zygotes:
        _zygotes[key] = Zygote(kind)
    return _zygotes[key]


@atexit.register
def close_all() -> None:
    """End this judge's zygotes."""
    for key in [key for key in _zygotes if key[0] == os.getpid()]:
        _zygotes.pop(key).close()


class Worker:
    """One worker process with one submission. After a `Died` it is gone."""

    def __init__(self, parent: Zygote, run: str, path: Path, cache: Path, *, own_product: bool) -> None:
        self.pages = Pages()
        self._zygote = parent
        self._scratch = Path(tempfile.mkdtemp(prefix="mlsys-worker-"))
        their_requests, self._requests = os.pipe()
        self._replies, their_replies = os.pipe()
        self._output, their_output = os.pipe()
        theirs = (their_requests, their_replies, their_output)
        setup = asdict(Setup("", run, str(path), str(self._scratch), str(cache), own_product))  # type: ignore[arg-type]
        del setup["kind"]
        try:
            self._pid = parent.fork(setup, (*theirs, self.pages.fd))
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        os.set_blocking(self._output, False)
        self._base = limits.resident_bytes(parent.pid)
        self._folders = (self._scratch, cache)
        self._sequence = 0
        self._kept = bytearray()
        self._printed = 0
        self._open = True

    def ask(self, request: dict[str, Any], budget: limits.Budget) -> Reply | Died:
        """Send a request and wait for its reply, within the limits."""
        self._sequence += 1
        try:
            channel.send_request(self._requests, request | {"sequence": self._sequence})
        except OSError:
            return self._end(self._obituary())
        answer = self._wait(_Clock(self._pid, budget))
        return self._end(answer) if isinstance(answer, Died) else answer

    def _wait(self, clock: "_Clock") -> Reply | Died:
        data, text, needed = bytearray(), None, channel.HEADER.size
        while True:
            open_ends = [fd for fd in (self._replies, self._output) if fd >= 0]
            ready, _, _ = select.select(open_ends, [], [], TICK)
            if self._output in ready:
                self._drain()
            if self._replies in ready:
                chunk = os.read(self._replies, needed - len(data))
                if not chunk:
                    return self._obituary()
                data += chunk
            try:
                if text is None and len(data) == channel.HEADER.size:
                    text = channel.check_header(bytes(data), self._sequence)
                    needed += text
                if text is not None and len(data) == needed:
                    header, rest = bytes(data[: channel.HEADER.size]), bytes(data[channel.HEADER.size :])
                    return channel.read_reply(header, rest)
            except ForgedError as error:
                return Died("no-answer", str(error))
            broken = clock.broken(compiling=self.pages.compiling()) or self._too_much(clock)
            if broken is not None:
                return broken

    def _too_much(self, clock: "_Clock") -> Died | None:
        if self._printed > limits.OUTPUT_BYTES:
            return Died("output-flood", f"more than {limits.OUTPUT_BYTES >> 20} MiB printed")
        if not clock.ticked:
            return None
        resident = limits.resident_bytes(self._pid)
        most = limits.MEMORY_BYTES + limits.WATCH_SLACK
        if self._zygote.kind != "native" and resident is not None and resident - (self._base or 0) > most:
            return Died("memory", f"more than {limits.MEMORY_BYTES >> 20} MiB used beyond the operands")
        if limits.bytes_written(self._pid) > limits.SCRATCH_BYTES + limits.OUTPUT_BYTES:
            return Died("disk", f"more than {(limits.SCRATCH_BYTES + limits.OUTPUT_BYTES) >> 20} MiB written")
        for folder in self._folders:
            size, files = limits.written(folder)
            if size > limits.SCRATCH_BYTES or files > limits.SCRATCH_FILES:
                most_bytes = f"{limits.SCRATCH_BYTES >> 20} MiB or {limits.SCRATCH_FILES:,} files"
                return Died("disk", f"more than {most_bytes} written")
        return None

    def _drain(self) -> None:
        try:
            chunk = os.read(self._output, 1 << 16)
        except BlockingIOError:
            return
        if not chunk:
            os.close(self._output)
            self._output = -1
        self._kept += chunk[: max(0, OUTPUT_SHOWN - len(self._kept))]
        self._printed += len(chunk)

    def _obituary(self) -> Died:
        """How a worker ended whose channel is closed."""
        status = self._reap()
        if os.WIFEXITED(status):
            code = os.WEXITSTATUS(status)
            if code == STOPPED:
                return Died("no-answer", "the worker could not go on")
            return Died("crash", f"the process ended itself with exit status {code}")
        number = os.WTERMSIG(status)
        try:
            name = signal.Signals(number).name
        except ValueError:
            name = f"signal {number}"
        if name == "SIGKILL":
            return Died("no-answer", "the file closed the worker's reply channel", name)
        return Died("crash", f"the process was ended by {name}", name)

    def output(self) -> str:
        """What the submission has printed since the last call, cut to 4,000 characters."""
        while self._output >= 0:
            before = self._printed
            self._drain()
            if self._printed == before or self._printed > limits.OUTPUT_BYTES:
                break
        lines = printable(self._kept.decode("utf-8", "replace")).split("\n")
        text = "\n".join(line if len(line) <= LINE_SHOWN else f"{line[:LINE_SHOWN]} ..." for line in lines)
        cut = self._printed - len(self._kept)
        self._kept.clear()
        self._printed = 0
        return text + (f"\n... ({cut:,} more bytes were cut)" if cut > 0 else "")

    def _reap(self) -> int:
        self._open = False
        return self._zygote.reap(self._pid)

    def _end(self, died: Died) -> Died:
        if self._open:
            self._reap()
        while self._output >= 0:  # what it printed before it died
            before = self._printed
            self._drain()
            if self._printed == before:
                break
        self.close()
        return died

    def close(self) -> None:
        """End the worker and everything that it started, and take its folder away."""
        if self._open:
            self._reap()
        for name in ("_requests", "_replies", "_output"):
            descriptor = getattr(self, name)
            if descriptor >= 0:
                with contextlib.suppress(OSError):
                    os.close(descriptor)
                setattr(self, name, -1)
        if self._scratch.exists():
            scratch.remove(self._scratch)
            self.pages.close()


class _Clock:
    """The time of one request: CPU seconds of work, CPU seconds of compiling, and seconds without any."""

    def __init__(self, pid: int, budget: limits.Budget) -> None:
        self._pid, self._budget = pid, budget
        self._tick = time.monotonic()
        self._cpu = limits.cpu_seconds(pid)
        self._waited = limits.waiting_seconds(pid)
        self._worked = self._compiled = self._idled = self._lasted = 0.0
        self.ticked = False

    def broken(self, *, compiling: bool) -> Died | None:
        """The limit that is exceeded now, if one is. Looks at most every `TICK` seconds."""
        now = time.monotonic()
        self.ticked = now - self._tick >= TICK
        if not self.ticked:
            return None
        passed, self._tick = min(now - self._tick, LONGEST_LOOK), now
        self._lasted += passed
        budget = self._budget
        cpu = limits.cpu_seconds(self._pid)
        if cpu is None or self._cpu is None:  # no /proc: seconds of the clock have to do
            late = self._lasted > budget.seconds
            return Died("timeout", f"no answer within {budget.seconds:g} s") if late else None
        spent, self._cpu = cpu - self._cpu, cpu
        waited = limits.waiting_seconds(self._pid)
        # A process that sleeps is idle; one that waits for a processor is not.
        self._idled += max(0.0, passed - spent - max(0.0, waited - self._waited))
        self._waited = waited
        if compiling:
            self._compiled += spent
        else:
            self._worked += spent
        if self._worked > budget.seconds:
            return Died("timeout", f"still computing after {budget.seconds:g} s of CPU time")
        if self._compiled > budget.compiling:
            return Died("timeout", f"still compiling after {budget.compiling:g} s of CPU time")
        if self._idled > budget.idle:
            return Died("timeout", f"it waits: no work for {budget.idle:g} s (a sleep, a lock, a lost thread)")
        if self._lasted > budget.wall:
            return Died("timeout", f"no answer within {budget.wall:g} s")
        return None
