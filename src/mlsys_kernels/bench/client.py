"""Talk to the bench worker: check a contestant's product, run a duel, and outlive a worker that hangs or dies.

A contestant that makes the worker hang or die is remembered with a sentence and is not run again; the next request
starts a new worker without it. The product is compared here, in the parent, with one that the worker never sees.
"""

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.bench.duel import Samples
from mlsys_kernels.bench.plan import Contestant
from mlsys_kernels.bench.process import Died, Reply, Worker

LOAD_SECONDS = 60.0
PRODUCT_SECONDS = 90.0
"""Wall-clock limit of the first product, compilation included."""
DUEL_SECONDS = 30.0
"""What a duel may take beyond five times the planned time."""

THREADS_OF_A_NEW_PROCESS = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Where a library reads them, its pool never has more than one thread; `threads.pin` holds in any case."""


@dataclass(frozen=True)
class Checked:
    """A contestant whose product is right: what one call takes now, in seconds."""

    call_s: float


@dataclass(frozen=True)
class Out:
    """A contestant that gets no number: `why`, in one sentence. `todo` True: its file is still to be written."""

    why: str
    todo: bool = False


@dataclass(frozen=True)
class Taken:
    """A finished duel: the samples of every contestant, and how many threads each pool reported."""

    samples: dict[str, Samples]
    pools: dict[str, int]


@dataclass(frozen=True)
class Exam:
    """A product that is exact in float32 in any order of summation, since it is made of small integers."""

    a: NDArray[np.float32]
    b: NDArray[np.float32]
    c: NDArray[np.float32]


def draw_exam(shape: tuple[int, int, int], rng: np.random.Generator) -> Exam:
    """Draw A (M, K) and B (K, N) from -8 ... 8: partial sums stay below 2^24 up to K = 262,144."""
    m, n, k = shape
    a, b = rng.integers(-8, 9, (m, k)).astype(np.float64), rng.integers(-8, 9, (k, n)).astype(np.float64)
    return Exam(a.astype(np.float32), b.astype(np.float32), (a @ b).astype(np.float32))


class Bench:
    """The worker, started when it is first needed and again after it died."""

    def __init__(self) -> None:
        self._worker: Worker | None = None
        self._loaded: set[str] = set()
        self._ready: set[str] = set()
        self._gone: dict[str, Out] = {}
        self.compile_s: dict[str, float] = {}
        self.predicted: dict[str, float] = {}
        descriptor, running = tempfile.mkstemp(prefix="mlk-bench-")
        os.close(descriptor)
        self._running = Path(running)

    def __enter__(self) -> "Bench":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker and everything that it started."""
        self._stop()
        with contextlib.suppress(OSError):
            self._running.unlink()

    def check(self, contestant: Contestant, exam: Exam) -> Checked | Out:
        """Let the contestant compute the product, and compare it element by element."""
        out = self._load(contestant)
        if out is not None:
            return out
        first = contestant.name not in self.compile_s
        shape = (*exam.c.shape, exam.a.shape[1])
        request = {"do": "product", "name": contestant.name, "shape": shape, "again": first}
        answer = self._ask(request, [exam.a.tobytes(), exam.b.tobytes()], PRODUCT_SECONDS)
        if isinstance(answer, Out):
            return answer
        wrong = _wrong(answer, exam.c)
        if wrong is not None:
            return wrong
        if first:
            # The same product takes second_s once compiled; what the first call took beyond that is the compiler.
            self.compile_s[contestant.name] = max(answer.message["first_s"] - answer.message["second_s"], 0.0)
        self._ready.add(contestant.name)
        return Checked(answer.message["second_s"])

    def duel(self, calls_s: dict[str, float], shape: tuple[int, int, int], budget_s: float, seed: int) -> Taken | Out:
        """Time contestants that were checked at this shape; `calls_s` has what one call of each took."""
        planned = sum(2 * budget_s + 8 * seconds for seconds in calls_s.values())
        request = {"do": "duel", "names": list(calls_s), "shape": shape, "budget_s": budget_s, "seed": seed}
        answer = self._ask(request | {"known_s": calls_s}, [], DUEL_SECONDS + 5 * planned)
        if isinstance(answer, Out):
            return answer
        message = answer.message
        if "raised" in message:
            out = self._gone[message["name"]] = Out(_raised(message["raised"]))
            return out
        taken = {
            name: Samples(tuple(map(float, got["seconds"])), tuple(map(int, got["rounds"])), int(got["inner"]))
            for name, got in message["samples"].items()
        }
        return Taken(taken, message["pools"])

    def ready(self, name: str) -> bool:
        """Whether the worker that runs now has computed a right product with this contestant."""
        return name in self._ready

    def gone(self, name: str) -> Out | None:
        """Why the contestant is not run any more, if it is not."""
        return self._gone.get(name)

    def _load(self, contestant: Contestant) -> Out | None:
        name = contestant.name
        if name in self._gone or name in self._loaded:
            return self._gone.get(name)
        path = None if contestant.path is None else str(contestant.path.resolve())
        answer = self._ask({"do": "load", "name": name, "path": path, "threads": contestant.threads}, [], LOAD_SECONDS)
        if isinstance(answer, Out):
            return answer
        if "raised" in answer.message:
            out = self._gone[name] = Out(_raised(answer.message["raised"]), todo=answer.message["raised"]["todo"])
            return out
        self._loaded.add(name)
        if answer.message["predicted"] is not None:
            self.predicted[name] = answer.message["predicted"]
        return None

    def _ask(self, request: dict[str, Any], buffers: list[bytes], seconds: float) -> Reply | Out:
        if self._worker is None:
            self._running.write_bytes(b"")
            env = THREADS_OF_A_NEW_PROCESS | {"MLK_BENCH_RUNNING": str(self._running)}
            self._worker = Worker(env, "mlsys_kernels.bench.worker")
        answer = self._worker.ask(request, buffers, seconds)
        if isinstance(answer, Reply):
            return answer
        printed = self._worker.output() if answer.cause == "crash" else ""
        running = self._running.read_bytes().decode("utf-8", "replace").strip() or request.get("name", "")
        self._stop()
        out = Out(_died(answer, seconds, printed))
        if running:
            self._gone[running] = out
        return out

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None
        self._loaded.clear()
        self._ready.clear()


def _wrong(answer: Reply, expected: NDArray[np.float32]) -> Out | None:
    message = answer.message
    if "raised" in message:
        return Out(_raised(message["raised"]), todo=message["raised"]["todo"])
    if "returned" in message:
        return Out(f"it returned a {message['returned']} where a NumPy array was expected")
    if tuple(message["shape"]) != expected.shape or message["dtype"] != "float32":
        got = f"{message['dtype']} of shape {tuple(message['shape'])}"
        return Out(f"the result is {got}, expected float32 of shape {expected.shape}")
    c = np.frombuffer(answer.buffers[0], np.float32).reshape(expected.shape)
    bad = c != expected
    if not bad.any():
        return None
    i, j = (int(axis[0]) for axis in np.nonzero(bad))
    return Out(
        f"{bad.sum():,} of {bad.size:,} elements are wrong: C[{i}, {j}] is {c[i, j]:g}, expected {expected[i, j]:g}"
    )


def _raised(raised: dict[str, Any]) -> str:
    if raised["todo"]:
        return "it is still to be written (NotImplementedError)"
    return f"it raised {raised['type']}: {raised['message']}".rstrip(": ")


def _died(died: Died, seconds: float, printed: str) -> str:
    last = next((line.strip() for line in reversed(printed.splitlines()) if line.strip()), "")
    words = {
        "timeout": f"it gave no answer within {seconds:.0f} s and was stopped",
        "memory": f"it was stopped: {died.detail}",
        "output-flood": f"it was stopped: {died.detail}",
        "crash": f"it ended its process: {died.detail}" + (f" ({last[:200]})" if last else ""),
    }
    return words.get(died.cause, f"it gave no usable answer: {died.detail}")
