"""One run of the ladder: check and time all contestants of one size together, then answer for each of them.

The first question about a size measures the whole size. Correctness comes before timing: a wrong contestant gets no
number. A learner's file that is still to be written, or does not pass, is no contestant and is left out.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mlsys_kernels.bench.client import Bench, Checked, Exam, Out, Taken, draw_exam
from mlsys_kernels.bench.duel import Samples
from mlsys_kernels.bench.plan import Contestant, Pace
from mlsys_kernels.bench.records import record
from mlsys_kernels.grading.grade import grade_file


@dataclass(frozen=True)
class Timed:
    """A contestant's samples at one size, and the record that goes with them."""

    samples: Samples
    record: dict[str, Any]


@dataclass(frozen=True)
class Correct:
    """The product is right; nothing was timed, because nothing was to be timed."""


@dataclass(frozen=True)
class NoContestant:
    """Not timed, and not a failure: the learner's file is todo or does not pass, or one call would take too long."""

    why: str


@dataclass(frozen=True)
class Failed:
    """Not timed because the answer is wrong, or because there was none."""

    why: str


Answer = Timed | Correct | NoContestant | Failed

Announce = Callable[[Literal["check", "grade", "time"], str], None]
"""Told what happens next: the kind of step, and a line for the screen."""


class Ladder:
    """A run over some sizes.

    Args:
        field: the contestants of each size, in the order in which they are shown.
        pace: how long the duels may take.
        announce: told what happens next.
    """

    def __init__(
        self,
        field: Mapping[int, tuple[Contestant, ...]],
        pace: Pace,
        announce: Announce = lambda _step, _text: None,
    ) -> None:
        self.field, self.pace, self.announce = field, pace, announce
        self.bench = Bench()
        self.pools: dict[str, int] = {}
        self._answers: dict[int, dict[str, Answer]] = {}
        self._failing: dict[str, str | None] = {}
        self._last_call: dict[str, tuple[int, float]] = {}

    def answer(self, n: int, name: str, timing: bool = True) -> Answer:
        """What there is to say about a contestant at size n; without `timing`, only whether its product is right."""
        if n not in self._answers:
            self._answers[n] = self._measure(n, timing)
        return self._answers[n][name]

    def notes(self) -> list[dict[str, Any]]:
        """Who was not timed at which size, and why."""
        return [
            {"contestant": name, "n": n, "why": answer.why, "failed": isinstance(answer, Failed)}
            for n, answers in self._answers.items()
            for name, answer in answers.items()
            if isinstance(answer, NoContestant | Failed)
        ]

    def close(self) -> None:
        """End the worker."""
        self.bench.close()

    def _measure(self, n: int, timing: bool) -> dict[str, Answer]:
        exam = draw_exam((n, n, n), np.random.default_rng(n))
        running = {contestant.name: contestant for contestant in self.field[n]}
        answers: dict[str, Answer] = {}
        calls_s: dict[str, float] = {}
        while running:
            # Once more after a worker died: the new one has loaded and compiled nothing.
            for name in [name for name in running if name not in calls_s or not self.bench.ready(name)]:
                checked = self._check(running[name], n, exam)
                if isinstance(checked, Checked):
                    calls_s[name] = checked.call_s
                else:
                    answers[name] = checked
                    del running[name]
            if not all(self.bench.ready(name) for name in running):
                continue
            if not timing:
                return answers | dict.fromkeys(running, Correct())
            outcome = self._duel(n, {name: calls_s[name] for name in running})
            if isinstance(outcome, Taken):
                return answers | self._timed(n, running, outcome)
            guilty = [name for name in running if self.bench.gone(name)] or list(running)
            for name in guilty:
                answers[name] = _left_out(running.pop(name), outcome)
        return answers

    def _check(self, contestant: Contestant, n: int, exam: Exam) -> Checked | NoContestant | Failed:
        name = contestant.name
        if name in self._last_call:
            smaller, call_s = self._last_call[name]
            likely = call_s * (n / smaller) ** 3
            if likely > self.pace.longest_call_s:
                limit = self.pace.longest_call_s
                return NoContestant(f"one call would take about {likely:.1f} s (limit: {limit:g} s)")
        self.announce("check", f"n = {n}: checking {name}")
        checked = self.bench.check(contestant, exam)
        if isinstance(checked, Out):
            return _left_out(contestant, checked)
        if contestant.role == "mine":
            failing = self._grade(contestant)
            if failing is not None:
                return NoContestant(failing)
        self._last_call[name] = (n, checked.call_s)
        return checked

    def _grade(self, contestant: Contestant) -> str | None:
        """Why the learner's file does not pass, or None; graded once in a run."""
        assert contestant.path is not None
        assert contestant.exercise is not None
        slug = contestant.exercise.slug
        if slug not in self._failing:
            self.announce("grade", f"grading exercises/{contestant.exercise.file}")
            results = grade_file(contestant.path, contestant.exercise)
            bad = [result for result in results if result.verdict in ("failed", "error", "todo")]
            why = f"{len(bad)} of {len(results)} cases do not pass, the first is {bad[0].case}" if bad else None
            self._failing[slug] = why
        return self._failing[slug]

    def _duel(self, n: int, calls_s: dict[str, float]) -> Taken | Out:
        self.announce("time", f"n = {n}: timing {len(calls_s)} contestants side by side")
        seed = int(uuid.uuid4().int % 2**32)
        return self.bench.duel(calls_s, (n, n, n), self.pace.budget_s, seed)

    def _timed(self, n: int, running: dict[str, Contestant], taken: Taken) -> dict[str, Answer]:
        self.pools |= taken.pools
        duel = uuid.uuid4().hex[:8]
        answers: dict[str, Answer] = {}
        for name, contestant in running.items():
            samples = taken.samples[name]
            compile_s = self.bench.compile_s.get(name) if contestant.path is not None else None
            predicted = self.bench.predicted.get(name)
            answers[name] = Timed(samples, record(contestant, (n, n, n), samples, duel, compile_s, predicted))
        return answers


def _left_out(contestant: Contestant, out: Out) -> NoContestant | Failed:
    """A learner's file that fails is not a failure of the benchmarks: grading is where it is told."""
    if contestant.role == "mine":
        return NoContestant("still todo" if out.todo else f"it does not pass: {out.why}")
    return Failed(out.why)
