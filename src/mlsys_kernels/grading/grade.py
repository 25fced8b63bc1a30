"""Grade one file, case by case. Learner, teacher, CI and the tests of this project all come through here."""

import hashlib
import os
import shutil
import tempfile
import time
import zlib
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from mlsys_kernels.course.files import find_gym
from mlsys_kernels.course.spec import Call, Case, Exercise, Tile
from mlsys_kernels.grading import explain, wire
from mlsys_kernels.grading.diagnose import UNKNOWN
from mlsys_kernels.grading.judge import judge, read_answers
from mlsys_kernels.grading.sandbox import Died, Reply, Worker, cuda_present, triton_installed
from mlsys_kernels.grading.source import library_product, read_source
from mlsys_kernels.grading.verdict import CaseResult, Message

CASE_SECONDS = 60.0
"""Wall-clock limit of one case, compilation included."""
CRASHES = 3
"""After so many crashes, or one hang, the other cases of a file are not tried."""
KEPT_CACHES = 100
"""Folders of compiled code that are kept, one per version of a file."""


def fresh_seed() -> int:
    """A seed that nobody can know beforehand."""
    return int.from_bytes(os.urandom(4), "big")


def grade_file(
    path: Path, exercise: Exercise, seed: int | None = None, seconds: float = CASE_SECONDS
) -> list[CaseResult]:
    """Grade every case of one file, in the order of the catalog."""
    with FileGrader(path, exercise, fresh_seed() if seed is None else seed, seconds) as grader:
        return [grader.grade(case) for case in exercise.cases]


class FileGrader:
    """Grades cases of one file in a worker that is started once and started again after a crash.

    Args:
        path: the learner's file.
        exercise: what the file answers.
        seed: decides all inputs; the same seed repeats a grading.
        seconds: wall-clock limit of one case.
        shown: how messages call the file; its path as given by default.
    """

    def __init__(
        self, path: Path, exercise: Exercise, seed: int, seconds: float = CASE_SECONDS, shown: str | None = None
    ) -> None:
        self.path, self.exercise, self.seed, self.seconds = path.resolve(), exercise, seed, seconds
        self.shown = shown or str(path)
        self._workers: dict[bool, Worker] = {}
        self._last_worker: Worker | None = None
        self._loaded: dict[str, Any] = {}
        self._answered: set[str] = set()
        self._gave_up: str | None = None
        self._crashes = 0
        self._scratch: str | None = None
        where = f"{self.shown}"
        tree, self._refusal = read_source(self.path, where, f"pytest {self.shown}")
        self._refusal_cause, self._refusal_verdict = "load-error", "failed"
        if tree is not None:
            self._refusal = library_product(tree, exercise, where, f"pytest {self.shown}")
            self._refusal_cause = "policy"

    def __enter__(self) -> "FileGrader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    def grade(self, case: Case) -> CaseResult:
        """Run and judge one case."""
        start = time.perf_counter()
        result = self._grade(case)
        seconds = time.perf_counter() - start
        return replace(result, output=self._output(case, result), seconds=seconds)

    def _output(self, case: Case, result: CaseResult) -> str:
        """What the file printed during the case; nobody reads it after a pass."""
        worker = self._workers.get(self._jit(case), self._last_worker)
        return worker.output() if worker is not None and result.verdict in ("failed", "error") else ""

    def _grade(self, case: Case) -> CaseResult:
        if self._refusal is not None:
            return self._result(case, self._refusal_verdict, self._refusal_cause, self._refusal)
        if self.exercise.needs == "triton" and not triton_installed():
            reason = "needs torch and triton: Linux, WSL or the dev container"
            return CaseResult(self.exercise.slug, case.name, "not-run", reason=reason)
        if self._gave_up is not None:
            message = explain.gave_up(self._where(case), self._gave_up, self._again(case))
            return self._result(case, "error", "no-answer", message)
        worker = self._worker(case)
        if isinstance(worker, CaseResult):
            return worker
        if not case.interpreter and self._loaded.get("device") == "interpreter":
            reason = "needs a GPU: Triton's interpreter computes bfloat16 wrong"
            return CaseResult(self.exercise.slug, case.name, "not-run", reason=reason)
        rng = np.random.default_rng([self.seed, zlib.crc32(case.name.encode())])
        calls = case.calls(rng, self._tile(case))
        sizes = dict.fromkeys(self.exercise.tiles.values(), case.tile) if case.tile is not None else {}
        buffers: list[bytes] = []
        packed = [
            {"function": call.function, "args": [wire.pack_argument(arg, buffers) for arg in call.args]}
            for call in calls
        ]
        answer = worker.ask({"do": "call", "calls": packed, "set": sizes}, buffers, self.seconds)
        if isinstance(answer, Died):
            return self._died(case, answer, calls[0])
        return self._judge(case, calls, answer)

    def _judge(self, case: Case, calls: tuple[Call, ...], reply: Reply) -> CaseResult:
        message, again = reply.message, self._again(case)
        at = message.get("at")
        call = calls[at] if type(at) is int and at in range(len(calls)) else calls[0]
        where = self._where(case, call)
        if "unusable" in message:
            text = explain.unusable(where, message["unusable"], self.exercise.problem.entry, again)
            return self._result(case, "failed", "contract", text)
        if "raised" in message:
            raised = message["raised"]
            if raised["todo"] and call.function not in self._answered:
                reason = f"{call.function} is still to be written"
                return CaseResult(self.exercise.slug, case.name, "todo", reason=reason)
            self._answered.add(call.function)
            cause = "memory" if raised["type"] == "MemoryError" else "crash"
            return self._result(case, "failed", cause, explain.raised(where, raised, again))
        try:
            answers = read_answers(message, reply.buffers, len(calls))
        except wire.FrameError as error:
            return self._died(case, Died("no-answer", f"the worker's reply is no answer ({error})"), calls[0])
        self._answered.update(call.function for call in calls)
        found = judge(calls, answers, reused=bool(message.get("reused")), launches=self.exercise.launches)
        if found is None:
            return CaseResult(self.exercise.slug, case.name, "passed")
        mistake, where = found.mistake, self._where(case, found.call)
        cause = mistake.cause
        if case.tile is not None and cause == UNKNOWN:
            cause = explain.sizes_changed(tuple(self.exercise.tiles.values()), case.tile)
        text = Message(where, mistake.what, mistake.numbers, cause, again, picture=found.picture)
        return self._result(case, "failed", found.word, text)

    def _died(self, case: Case, died: Died, call: Call) -> CaseResult:
        self._workers.pop(self._jit(case), None)
        self._crashes += 1
        if died.cause != "crash" or self._crashes == CRASHES:
            self._gave_up = case.name
        return self._result(case, "error", died.cause, explain.died(self._where(case, call), died, self._again(case)))

    def _worker(self, case: Case) -> Worker | CaseResult:
        """The worker for this case, with the file loaded; or the result, if the file cannot be loaded."""
        jit = self._jit(case)
        if jit in self._workers:
            return self._workers[jit]
        interpret = not cuda_present()
        for interpreter in (interpret, True):
            worker = self._workers[jit] = self._last_worker = Worker(self._environment(jit, interpreter))
            request = {"do": "load", "path": str(self.path), "needs": self.exercise.needs}
            answer = worker.ask(request, [], self.seconds)
            if isinstance(answer, Reply) and "no_cuda" in answer.message:
                worker.close()
                continue
            break
        if isinstance(answer, Died):
            del self._workers[jit]
            self._refusal = explain.died(f"{self.shown}, while it is imported", answer, f"pytest {self.shown}")
            self._refusal_cause, self._refusal_verdict = answer.cause, "error"
            return self._result(case, "error", answer.cause, self._refusal)
        if "raised" in answer.message:
            where = f"{self.shown}, while it is imported"
            self._refusal = explain.raised(where, answer.message["raised"], f"pytest {self.shown}")
            return self._result(case, "failed", "load-error", self._refusal)
        self._loaded = answer.message
        return worker

    def _environment(self, jit: bool, interpreter: bool) -> dict[str, str]:
        env = {"NUMBA_CACHE_DIR": str(self._cache_folder()), "NUMBA_DISABLE_JIT": "0" if jit else "1"}
        if self.exercise.needs == "triton":
            env["TRITON_INTERPRET"] = "1" if interpreter else "0"
        return env

    def _cache_folder(self) -> Path:
        """Where compiled code of exactly these bytes is kept: in the gym's .mlsys folder, else in a scratch folder."""
        key = hashlib.sha256(self.path.read_bytes()).hexdigest()[:16]
        gym = find_gym(self.path.parent) or find_gym(Path.cwd())
        if gym is not None:
            folder = gym / ".mlsys" / "numba"
            try:
                (folder / key).mkdir(parents=True, exist_ok=True)
                os.utime(folder / key)
                for old in sorted(folder.iterdir(), key=lambda item: item.stat().st_mtime)[:-KEPT_CACHES]:
                    shutil.rmtree(old, ignore_errors=True)
                return folder / key
            except OSError:
                pass
        if self._scratch is None:
            self._scratch = tempfile.mkdtemp(prefix="mlsys-")
        return Path(self._scratch)

    def _jit(self, case: Case) -> bool:
        """Whether numba compiles: not where a case changes the size constants, which are frozen into machine code."""
        return case.tile is None or self.exercise.needs != "numba"

    def _tile(self, case: Case) -> Tile:
        if case.tile is not None:
            return Tile(case.tile, case.tile, case.tile)
        constants = self._loaded.get("constants", {})
        found = {axis: constants.get(name) for axis, name in self.exercise.tiles.items()}
        return Tile(**{axis: value for axis, value in found.items() if isinstance(value, int) and value > 0})

    def _where(self, case: Case, call: Call | None = None) -> str:
        return f"{self.shown}, case {case.name}" + (f": {call.text}" if call else "")

    def _again(self, case: Case) -> str:
        return f"pytest {self.shown}::{case.name}"

    def _result(self, case: Case, verdict: Any, cause: str, message: Message | None) -> CaseResult:
        return CaseResult(self.exercise.slug, case.name, verdict, cause, message=message)
