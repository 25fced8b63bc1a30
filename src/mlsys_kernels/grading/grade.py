"""Grade one file, case by case. Learner, teacher, CI and the tests of this project all come through here."""

import os
import time
import zlib
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from mlsys_kernels.course.files import find_gym
from mlsys_kernels.course.spec import Call, Case, Exercise, Operand, Run, Tile
from mlsys_kernels.grading import explain, limits
from mlsys_kernels.grading.answers import Returned
from mlsys_kernels.grading.available import cuda_present, triton_installed
from mlsys_kernels.grading.causes import exception_word, fault_word, load_word
from mlsys_kernels.grading.channel import Code, ForgedError, Reply
from mlsys_kernels.grading.exchange import pack, read_answer, room_for
from mlsys_kernels.grading.home import Home
from mlsys_kernels.grading.judge import Finding, judge
from mlsys_kernels.grading.rules import library_product
from mlsys_kernels.grading.sandbox import Died, GraderFaultError, Worker, zygote
from mlsys_kernels.grading.submission import read_submission
from mlsys_kernels.grading.trust import read_counts, read_raised, text_fields
from mlsys_kernels.grading.verdict import CaseResult, Message, one_line
from mlsys_kernels.grading.worker import Kind

if TYPE_CHECKING:
    from mlsys_kernels.grading.pages import Piece

CASE_SECONDS = limits.CASE_SECONDS
CRASHES = 3
"""After so many crashes, or one hang, the other cases of a file are not tried."""
ASKED_AGAIN = 3
"""Results of earlier calls that are read once more at the end of a case."""


def fresh_seed() -> int:
    """A seed that nobody can know beforehand."""
    return int.from_bytes(os.urandom(4), "big")


def kind_of(exercise: Exercise) -> Kind:
    """Which kind of worker runs an exercise on this machine."""
    if exercise.needs != "triton":
        return "cpu"
    return "native" if cuda_present() else "interpreter"


def grade_file(
    path: Path, exercise: Exercise, seed: int | None = None, seconds: float = CASE_SECONDS
) -> list[CaseResult]:
    """Grade every case of one file, in the order of the catalog."""
    with FileGrader(path, exercise, fresh_seed() if seed is None else seed, seconds) as grader:
        return [grader.grade(case) for case in exercise.cases]


class FileGrader:
    """Grades cases of one file, in workers that are started when needed and started again after a crash.

    Args:
        path: the submission.
        exercise: what it answers.
        seed: decides all inputs; the same seed repeats a grading.
        seconds: CPU seconds that one case may take.
        shown: how messages call the file; its path as given by default.
        command: what repeats the grading; `pytest FILE` by default, to which a case can be added.
    """

    def __init__(
        self,
        path: Path,
        exercise: Exercise,
        seed: int,
        seconds: float = CASE_SECONDS,
        shown: str | None = None,
        command: str | None = None,
    ) -> None:
        self.exercise, self.seed = exercise, seed
        self.shown = one_line(shown or str(path))
        self.command = one_line(command or f"pytest {self.shown}")
        self._by_case = command is None
        self._budget = limits.budget(seconds)
        self._workers: dict[Run, Worker] = {}
        self._constants: dict[str, Any] = {}
        self._answered: set[str] = set()
        self._said: list[Any] = []
        self._gave_up: str | None = None
        self._wrong: str | None = None
        self._crashes = 0
        self._output = ""
        self._kind = kind_of(exercise)
        self.submission = read_submission(path, self.shown, self.command)
        # Not the gym of a stranger's folder: `mlk grade` reads and writes nothing there.
        gym = (find_gym(path.parent) or find_gym(Path.cwd())) if self._by_case else None
        self._home = Home(self.submission.data, exercise.file, gym)
        self._refusal = self.submission.refusal
        self._refusal_cause, self._refusal_verdict = "load-error", "failed"
        if self.submission.tree is not None:
            self._refusal = library_product(self.submission.tree, exercise, self.shown, self.command)
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
        self._home.close()

    @property
    def isolation(self) -> str:
        """What keeps the submission away from everything else, on this machine: strong, medium or basic."""
        return zygote(self._kind).isolation.level if self._kind_is_here() else "basic"

    def counts(self) -> list[dict[str, Any]]:
        """What was counted during each call of the case that was graded last, if that is a technique check.

        Raises:
            ForgedError: it is no plain data; a check that has judged it says so before.
        """
        return [read_counts(text_fields(text)) for text in self._said]

    def grade(self, case: Case) -> CaseResult:
        """Run and judge one case."""
        start = time.perf_counter()
        self._output = ""
        result = self._grade(case)
        if result.verdict in ("failed", "error") and case.technique is None:
            self._wrong = self._wrong or case.name
        worker = self._workers.get(self._run(case))
        output = (self._output or (worker.output() if worker else "")) if result.verdict in ("failed", "error") else ""
        return replace(result, output=output, seconds=time.perf_counter() - start)

    def _grade(self, case: Case) -> CaseResult:
        if self._refusal is not None:
            return self._result(case, self._refusal_verdict, self._refusal_cause, self._refusal)
        if not self._kind_is_here():
            return self._not_run(case, "needs torch and triton: Linux, WSL or the dev container")
        if self._gave_up is not None:
            message = explain.gave_up(self._where(case), self._gave_up, self._again(case))
            return self._result(case, "error", "no-answer", message)
        if case.technique is not None and self._wrong is not None:
            message = explain.not_counted(self._where(case), self._wrong, self._again(case))
            return self._result(case, "failed", "technique", message)
        worker = self._worker(case)
        if isinstance(worker, CaseResult):
            return worker
        if case.run == "code" and zygote("code").notes:
            return self._not_run(case, zygote("code").notes[0])
        if not case.interpreter and self._kind == "interpreter":
            wrong = [note for note in zygote("interpreter").notes if "bfloat16" in note]
            if wrong:
                return self._not_run(case, f"needs a GPU: {wrong[0]}")
        rng = np.random.default_rng([self.seed, zlib.crc32(case.name.encode())])
        calls = case.calls(rng, self._tile(case))
        self._said.clear()
        order = int(rng.integers(1 << 31)) if case.shuffled else None
        answers: list[tuple[Call, Returned]] = []
        for turn, call in enumerate(calls):
            result = self._call(case, call, turn, order, worker, answers)
            if result is not None:
                return result
        return self._kept(case, calls, worker, answers) or self._technique(case, calls) or self._result(case, "passed")

    def _technique(self, case: Case, calls: tuple[Call, ...]) -> CaseResult | None:
        """What the counts of a technique check come to; None for another case."""
        if case.technique is None:
            return None
        try:
            figure, mistake = case.technique.judge(self.counts())
        except (ForgedError, LookupError, TypeError, ValueError, ArithmeticError) as error:
            forged = ForgedError(f"counts that do not fit: {type(error).__name__}: {error}")
            return self._died(case, self._forged(case, forged), calls[-1])
        if mistake is not None:
            return replace(self._failed(case, calls[0], Finding("technique", mistake)), figure=figure)
        return replace(self._result(case, "passed"), reason=figure.told, figure=figure)

    def _call(
        self, case: Case, call: Call, turn: int, order: int | None, worker: Worker, answers: list[tuple[Call, Returned]]
    ) -> CaseResult | None:
        """Make one call and judge it; None if it is right."""
        worker.pages.clear()
        # Half of the cases use the very same arrays again, with new values; the others move them to the other end of
        # their pages, so that an access past either end of them is met by a guard page.
        at_end = zlib.crc32(case.name.encode()) % 2 == 0 or turn % 2 == 0
        placed: list[tuple[Operand, Piece]] = []
        args = [pack(arg, worker, placed, at_end=at_end) for arg in call.args]
        expect, room = room_for(call, worker, at_end=at_end)
        sizes = dict.fromkeys(self.exercise.tiles.values(), case.tile) if case.tile is not None else {}
        request = {"do": "call", "function": call.function, "args": args, "set": sizes | dict(call.sizes),
                   "expect": expect, "order": order, "first": turn == 0,
                   "model": dict(case.technique.model) if case.technique else None}  # fmt: skip
        reply = worker.ask(request, self._budget)
        if isinstance(reply, Died):
            return self._died(case, reply, call)
        try:
            # A traced run answers with what it traced, never with a product.
            if case.run == "race" or reply.code not in (Code.ARRAY, Code.OTHER_ARRAY, Code.VALUE, Code.FOREIGN):
                return self._no_value(case, call, reply)
            answer = read_answer(reply, call, worker, placed, room)
        except ForgedError as error:
            return self._died(case, self._forged(case, error), call)
        self._answered.add(call.function)
        found = judge(call, answer, answers, launches=self.exercise.launches)
        if found is not None:
            return self._failed(case, call, found)
        self._said.append(reply.text)
        if isinstance(answer.value, Returned):
            answers.append((call, answer.value))
        return None

    def _kept(
        self, case: Case, calls: tuple[Call, ...], worker: Worker, answers: list[tuple[Call, Returned]]
    ) -> CaseResult | None:
        """Read the results of earlier calls once more: nothing that happened since may have changed them."""
        if len(answers) != len(calls) or case.run == "race":
            return None
        for index in range(min(len(calls), ASKED_AGAIN)):
            worker.pages.clear()
            call = calls[index]
            expect, room = room_for(call, worker, at_end=True)
            reply = worker.ask({"do": "again", "index": index, "expect": expect}, self._budget)
            if isinstance(reply, Died):
                return self._died(case, reply, call)
            if (
                room is None
                or reply.code is not Code.ARRAY
                or worker.pages.read(room) != answers[index][1].data.tobytes()
            ):
                return self._failed(case, call, Finding("aliasing", explain.reused()))
        return None

    def _no_value(self, case: Case, call: Call, reply: Reply) -> CaseResult | None:
        """A reply without a value: an exception, a fault, something refused; None where a traced run found nothing."""
        where, again = self._where(case, call), self._again(case)
        if reply.code is Code.TRACED and case.run == "race":
            unfinished = text_fields(reply.text).get("unfinished")
            return self._not_run(case, f"could not be traced: {unfinished}"[:200]) if unfinished else None
        fields = text_fields(reply.text)
        if reply.code is Code.UNUSABLE:
            text = explain.unusable(where, fields, self.exercise.problem.entry, again)
            return self._result(case, "failed", "contract", text)
        if reply.code is Code.FAULT:
            return self._result(case, "failed", fault_word(fields), explain.fault(where, fields, again))
        if reply.code is Code.REFUSED:
            return self._result(case, "failed", "policy", explain.refused(where, fields, again))
        if reply.code is not Code.RAISED:
            raise ForgedError("a reply that does not fit the request")
        raised = read_raised(fields)
        if raised["todo"] and call.function not in self._answered:
            return self._todo(case, f"{call.function} is still to be written")
        if case.run in ("race", "bounds"):
            if raised["type"] == "IndexError" and "out of bounds" in raised["message"] and raised["frames"]:
                text = explain.raised(where, raised, again)
                return self._result(case, "failed", "out-of-bounds", replace(text, name="out-of-bounds"))
            return self._not_run(case, f"could not be checked: {raised['type']}: {raised['message']}"[:200])
        self._answered.add(call.function)
        if case.technique is not None:
            text = explain.uncountable(where, raised, again, case.run)
            return self._result(case, "failed", "technique", text)
        return self._result(case, "failed", exception_word(raised), explain.raised(where, raised, again))

    def _failed(self, case: Case, call: Call, found: Finding) -> CaseResult:
        mistake, cause, name = found.mistake, found.mistake.cause, found.mistake.name
        if case.tile is not None and found.word in ("wrong-result", "precision"):
            sizes = explain.sizes_changed(tuple(self.exercise.tiles.values()), case.tile)
            cause, name = (sizes, "size-assumed") if name == "unknown" else (f"{cause}; or, with {sizes}", name)
        where, again = self._where(case, call), self._again(case)
        text = Message(where, mistake.what, mistake.numbers, cause, again, picture=found.picture, name=name)
        return self._result(case, "failed", found.word, text)

    def _forged(self, case: Case, error: ForgedError) -> Died:
        worker = self._workers.pop(self._run(case))
        self._output = worker.output()
        worker.close()
        return Died("no-answer", str(error))

    def _died(self, case: Case, died: Died, call: Call) -> CaseResult:
        worker = self._workers.pop(self._run(case), None)
        self._output = self._output or (worker.output() if worker else "")
        where, again = self._where(case, call), self._again(case)
        if died.signal == "SIGTRAP" and self.exercise.own_product:
            self._refusal, self._refusal_cause = explain.library_called(where, again), "policy"
            return self._result(case, "failed", "policy", self._refusal)
        if died.signal in ("SIGSEGV", "SIGBUS") and self.exercise.needs == "numba" and case.run == "compiled":
            named = self._out_of_bounds(case)
            if named is not None:
                return named
        self._crashes += 1
        if died.cause != "crash" or self._crashes == CRASHES:
            self._gave_up = case.name
        return self._result(case, "error", died.cause, explain.died(where, died, again))

    def _out_of_bounds(self, case: Case) -> CaseResult | None:
        """After a crash: the same case with bounds checks, which may name the line."""
        checked = self._grade(replace(case, run="bounds"))
        return checked if checked.cause == "out-of-bounds" else None

    def _worker(self, case: Case) -> Worker | CaseResult:
        """The worker for this case, with the file loaded; or the result, if the file cannot be loaded."""
        run = self._run(case)
        if run in self._workers:
            return self._workers[run]
        worker = self._start(run)
        reply = worker.ask({"do": "load", "constants": sorted(set(self.exercise.tiles.values()))}, self._budget)
        if isinstance(reply, Reply) and reply.code is Code.NO_CUDA and self._kind == "native":
            worker.close()
            self._kind = "interpreter"
            return self._worker(case)
        where = f"{self.shown}, while it is imported"
        if isinstance(reply, Died):
            self._output = worker.output()
            self._refusal = explain.died(where, reply, self.command)
            self._refusal_cause, self._refusal_verdict = reply.cause, "error"
            if reply.signal == "SIGTRAP" and self.exercise.own_product:
                self._refusal = explain.library_called(where, self.command)
                self._refusal_cause, self._refusal_verdict = "policy", "failed"
            return self._result(case, self._refusal_verdict, self._refusal_cause, self._refusal)
        self._workers[run] = worker
        try:
            fields = text_fields(reply.text)
            if reply.code is Code.LOADED:
                self._constants = text_fields(fields.get("constants"))
                return worker
            if reply.code is Code.RAISED:
                raised = read_raised(fields)
                if case.run in ("race", "bounds"):
                    return self._not_run(case, f"could not be checked: {raised['type']}: {raised['message']}"[:200])
                self._refusal = explain.raised(where, raised, self.command)
                self._refusal_cause = load_word(raised)
            elif reply.code is Code.FAULT:
                self._refusal, self._refusal_cause = explain.fault(where, fields, self.command), fault_word(fields)
            elif reply.code is Code.REFUSED:
                self._refusal, self._refusal_cause = explain.refused(where, fields, self.command), "policy"
            else:
                raise ForgedError("a reply that does not fit the request")
        except ForgedError as error:
            died = self._forged(case, error)
            self._refusal = explain.died(where, died, self.command)
            self._refusal_cause, self._refusal_verdict = died.cause, "error"
        return self._result(case, self._refusal_verdict, self._refusal_cause, self._refusal)

    def _start(self, run: Run) -> Worker:
        folder = self._home.folder
        # numba's cache does not know of bounds checks: code that is compiled with them gets a folder of its own.
        cache = folder / ("bounds" if run == "bounds" else "compiled")
        cache.mkdir(exist_ok=True)
        path = folder / self.exercise.file
        # Launches are counted in the interpreter, also where there is a GPU.
        kind = {"code": "code", "traffic": "interpreter" if self._kind == "native" else self._kind}.get(run, self._kind)
        worker = Worker(zygote(kind), run, path, cache, own_product=self.exercise.own_product)
        ready = worker.ask({"do": "ready"}, self._budget)
        if isinstance(ready, Died):
            raise GraderFaultError(f"a worker could not be set up: {ready.detail}\n{worker.output()}")
        return worker

    def _kind_is_here(self) -> bool:
        return self.exercise.needs != "triton" or triton_installed()

    def _run(self, case: Case) -> Run:
        """Only numba has a JIT to turn off."""
        return "compiled" if case.run == "plain" and self.exercise.needs != "numba" else case.run

    def _tile(self, case: Case) -> Tile:
        if case.tile is not None:
            return Tile(case.tile, case.tile, case.tile)
        found = {axis: self._constants.get(name) for axis, name in self.exercise.tiles.items()}
        return Tile(**{axis: min(value, 512) for axis, value in found.items() if type(value) is int and value > 0})

    def _where(self, case: Case, call: Call | None = None) -> str:
        return f"{self.shown}, case {case.name}" + (f": {call.text}" if call else "")

    def _again(self, case: Case) -> str:
        return f"{self.command}::{case.name}" if self._by_case else self.command

    def _result(self, case: Case, verdict: Any, cause: str | None = None, message: Message | None = None) -> CaseResult:
        return CaseResult(self.exercise.slug, case.name, verdict, cause, message=message)

    def _not_run(self, case: Case, reason: str) -> CaseResult:
        return CaseResult(self.exercise.slug, case.name, "not-run", reason=one_line(reason))

    def _todo(self, case: Case, reason: str) -> CaseResult:
        return CaseResult(self.exercise.slug, case.name, "todo", reason=reason)
