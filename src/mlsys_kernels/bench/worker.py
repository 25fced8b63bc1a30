"""The process in which everything timed runs: NumPy, torch, the solutions and the learner's files.

Started by `client.Bench` as `python -I -m mlsys_kernels.bench.worker`. Its requests and replies, as frames of
`bench.frames` (what the files print goes to standard error):

    {"do": "load", "name", "path", "threads"}           -> {"predicted"} or {"raised"}
    {"do": "product", "name", "shape"} + A, B           -> {"first_s", "second_s", "dtype", "shape"} + C,
                                                           {"raised"} or {"returned": type}
    {"do": "duel", "names", "shape", "seed", ...}       -> {"samples", "pools"} or {"raised", "name"}

Before anything of a contestant's runs, its name is written to the file that MLK_BENCH_RUNNING names, so that the parent
can tell who was running when the process hangs or dies.
"""

import os
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.bench import frames
from mlsys_kernels.bench.baselines import BASELINES, Prepare
from mlsys_kernels.bench.duel import duel
from mlsys_kernels.bench.process import limit_self
from mlsys_kernels.bench.threads import pin, use
from mlsys_kernels.grading.load import load_module

if TYPE_CHECKING:
    from types import ModuleType

ALIGNMENT = 64
"""Bytes: one cache line. A kernel on operands that are 4 bytes off can take half as long again."""
NAME_BYTES = 256
LARGEST_PREDICTION = 1e12
QUICK_CALL_S = 0.1
"""A call faster than this is made twice, so that its compilation can be told from its work."""

Float32 = NDArray[np.float32]


def main() -> None:
    """Serve requests until the parent closes the pipe."""
    requests, replies = frames.take_channel()
    limit_self()
    Stage(os.environ["MLK_BENCH_RUNNING"]).serve(requests, replies)


class Stage:
    """The contestants that are loaded, and what can be asked of them."""

    def __init__(self, running: str) -> None:
        self._running = os.open(running, os.O_WRONLY)
        self._contestants: dict[str, Prepare] = {}
        self._modules: dict[str, ModuleType] = {}
        self._threads: dict[str, int] = {}

    def serve(self, requests: IO[bytes], replies: IO[bytes]) -> None:
        """Answer one request after the other."""
        actions: dict[str, Callable[..., tuple[dict[str, Any], list[bytes]]]] = {
            "load": self._load,
            "product": self._product,
            "duel": self._duel,
        }
        while (request := frames.receive(requests)) is not None:
            message, buffers = request
            reply, out = actions[message["do"]](message, buffers)
            frames.send(replies, reply, out)

    def _turn(self, name: str) -> None:
        """Note that `name` runs from here on, and give it its threads."""
        use(self._threads[name])
        os.lseek(self._running, 0, os.SEEK_SET)
        os.write(self._running, name.encode()[:NAME_BYTES].ljust(NAME_BYTES))

    def _load(self, message: dict[str, Any], _buffers: list[bytearray]) -> tuple[dict[str, Any], list[bytes]]:
        name, path = message["name"], message["path"]
        self._threads[name] = message["threads"]
        self._turn(name)
        predicted = None
        try:
            if path is None:
                if name == "torch":
                    import torch  # noqa: F401
                self._contestants[name] = BASELINES[name]
            else:
                if path not in self._modules:  # with one thread and with all cores: compiled once
                    self._modules[path] = load_module(Path(path))
                module = self._modules[path]
                predicted = _positive(getattr(module, "PREDICTED_SPEEDUP", None))
                self._contestants[name] = _calls_of(module.matmul)
        except BaseException as error:  # SystemExit and the like are answers too
            return {"raised": _describe(error)}, []
        pin(1)
        return {"predicted": predicted}, []

    def _product(self, message: dict[str, Any], buffers: list[bytearray]) -> tuple[dict[str, Any], list[bytes]]:
        m, n, k = message["shape"]
        a, b = aligned(m, k), aligned(k, n)
        a[:], b[:] = (np.frombuffer(x, np.float32).reshape(y.shape) for x, y in zip(buffers, (a, b), strict=True))
        self._turn(message["name"])
        try:
            call = self._contestants[message["name"]](a, b)
            start = time.perf_counter()
            c = call()
            first_s = second_s = time.perf_counter() - start
            pin(1)  # the first call may have loaded another library
            use(self._threads[message["name"]])
            if first_s < QUICK_CALL_S or message["again"]:
                start = time.perf_counter()
                call()
                second_s = time.perf_counter() - start
        except BaseException as error:
            return {"raised": _describe(error)}, []
        if message["name"] in BASELINES:
            c = np.asarray(c, dtype=np.float32)
        if not isinstance(c, np.ndarray):
            return {"returned": type(c).__name__[:80]}, []
        reply = {"first_s": first_s, "second_s": second_s, "dtype": c.dtype.name, "shape": list(c.shape)}
        return reply, [np.ascontiguousarray(c).tobytes()] if c.dtype == np.float32 else []

    def _duel(self, message: dict[str, Any], _buffers: list[bytearray]) -> tuple[dict[str, Any], list[bytes]]:
        m, n, k = message["shape"]
        rng = np.random.default_rng(message["seed"])
        a, b = aligned(m, k), aligned(k, n)
        a[:], b[:] = rng.standard_normal((m, k)), rng.standard_normal((k, n))
        pin(1)
        running = ""

        def on_turn(name: str) -> None:
            nonlocal running
            running = name
            self._turn(name)

        try:
            calls = {name: self._contestants[name](a, b) for name in message["names"]}
            samples = duel(calls, message["budget_s"], message["seed"], time.perf_counter, message["known_s"], on_turn)
        except BaseException as error:
            return {"raised": _describe(error), "name": running}, []
        pools = pin(1)
        return {"samples": {name: asdict(taken) for name, taken in samples.items()}, "pools": pools}, []


def aligned(rows: int, columns: int) -> Float32:
    """A new row-major matrix whose first element lies on a 64-byte boundary."""
    size = rows * columns * 4
    raw = np.zeros(size + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size].view(np.float32).reshape(rows, columns)


def _calls_of(matmul: Callable[..., Any]) -> Prepare:
    return lambda a, b: lambda: matmul(a, b)


def _positive(value: object) -> float | None:
    """A learner's prediction, if it is a number that can be one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < LARGEST_PREDICTION else None


def _describe(error: BaseException) -> dict[str, Any]:
    try:
        text = str(error)
    except Exception:  # a hostile __str__
        text = ""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    frames = traceback.extract_tb(error.__traceback__)
    return {"type": type(error).__name__, "message": line[:300], "todo": isinstance(error, NotImplementedError),
            "line": frames[-1].lineno if frames else None}  # fmt: skip


if __name__ == "__main__":
    main()
