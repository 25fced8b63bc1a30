"""What a run says: who was how fast at which size, beside NumPy, and what each step of the ladder was worth.

Every face of the report (terminal, Markdown, page) shows this model and computes nothing itself.
"""

from dataclasses import dataclass
from functools import cached_property

from mlsys_kernels.report.read import Record, Run

BASELINE = "numpy"
LIBRARY_NAMES = {"numpy": "NumPy", "torch": "torch", "python": "plain Python"}


@dataclass(frozen=True)
class Contender:
    """A row of the report. `label` is how it is called; `rung` counts the exercises of this run, None for baselines.

    `threads` is how many it ran on; the label of more than one ends in ×2, ×4 ...
    """

    name: str
    label: str
    role: str
    rung: int | None
    threads: int


@dataclass(frozen=True)
class Step:
    """How many times faster one rung is than what it improves on, at n: as predicted, and as measured.

    `yours` and `solution` compare with the *solution* of the rung below, so that both start from the same place.
    """

    label: str
    over: str
    n: int
    predicted: float | None
    yours: float | None
    solution: float | None


@dataclass(frozen=True)
class Model:
    """A run, arranged for reading."""

    run: Run

    @cached_property
    def cells(self) -> dict[tuple[str, int], Record]:
        """The records by contestant and size."""
        return {(record.contestant, record.n): record for record in self.run.records}

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """All sizes, ascending."""
        return tuple(sorted({record.n for record in self.run.records}))

    @cached_property
    def contenders(self) -> tuple[Contender, ...]:
        """All contestants, in the order of the ladder, the libraries last: the way up."""
        rungs = sorted({record.exercise for record in self.run.records if record.exercise})
        first = {record.contestant: record for record in reversed(self.run.records)}

        def place(record: Record) -> tuple[int, str, int, str]:
            if record.role == "python":
                return 0, "", 0, ""
            if record.exercise is not None:
                return 1, record.exercise, record.threads, "1" if record.role == "mine" else "0"
            return 2, "1" if record.contestant == BASELINE else "0", 0, record.contestant

        return tuple(
            Contender(
                record.contestant,
                _label(record.contestant),
                record.role,
                None if record.exercise is None else rungs.index(record.exercise),
                record.threads,
            )
            for record in sorted(first.values(), key=place)
        )

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """One step per rung, at the size that the exercise asks about; else at the largest at which it can be told."""
        # A rung that was measured with several threads is about threads: that is the step it makes.
        most = {
            record.exercise: record.threads for record in sorted(self.run.records, key=lambda record: record.threads)
        }
        rungs: dict[tuple[str, str], dict[str, str]] = {}
        for record in self.run.records:
            if record.exercise and record.speedup_over and record.threads == most[record.exercise]:
                rungs.setdefault((record.exercise, record.speedup_over), {})[record.role] = record.contestant
        steps = []
        for (exercise, over), names in sorted(rungs.items()):
            below = "python" if over == "python" else f"solution:{over}"
            at = [n for n in self.sizes if any(self.speedup(name, below, n) is not None for name in names.values())]
            if not at:
                continue
            yours, solution = names.get("mine", ""), names.get("solution", "")
            asked = {record.speedup_n for record in self.run.records if record.exercise == exercise}
            n = next((n for n in at if n in asked), at[-1])
            mine = self.cells.get((yours, n))
            steps.append(
                Step(
                    rung_label(exercise) + (f", {most[exercise]} threads" if most[exercise] > 1 else ""),
                    LIBRARY_NAMES.get(over) or rung_label(over),
                    n,
                    mine.predicted_speedup if mine else None,
                    self.speedup(yours, below, n),
                    self.speedup(solution, below, n),
                )
            )
        return tuple(steps)

    @property
    def notes(self) -> tuple[str, ...]:
        """Who was left out, and why: one line for each reason."""
        sizes: dict[tuple[str, str], list[int]] = {}
        for note in self.run.notes:
            sizes.setdefault((note.contestant, note.why), []).append(note.n)
        timed = {record.contestant for record in self.run.records}
        names: dict[str, list[str]] = {}
        for (name, why), at in sizes.items():
            where = "" if name not in timed else f" at n = {', '.join(str(n) for n in sorted(at))}"
            label = _label(name) + where
            if name.startswith("mine:") and not where:
                if "@" in name:
                    continue  # the same file with more threads
                label = name[5:7] if names.get(why) else f"your {name[5:7]}"
            names.setdefault(why, []).append(label)
        return tuple(f"{', '.join(who)}: {why}" for why, who in names.items() if who)

    def speedup(self, name: str, over: str, n: int) -> float | None:
        """How many times faster `name` is than `over` at n: the ratio of their median times."""
        fast, slow = self.cells.get((name, n)), self.cells.get((over, n))
        return None if fast is None or slow is None else slow.median_s / fast.median_s

    def of_numpy(self, name: str, n: int) -> float | None:
        """The contestant's speed as a share of NumPy's in the same run."""
        return self.speedup(name, BASELINE, n)

    @property
    def headline(self) -> str:
        """The run in one sentence: the learner's fastest file if there is one, else the fastest solution."""
        for role, who in (("mine", "Your {}"), ("solution", "The solution {}"), ("library", "{}")):
            at = [record for record in self.run.records if record.role == role]
            if not at:
                continue
            n = max(record.n for record in at)
            best = max((r for r in at if r.n == n), key=lambda r: (-r.threads, r.gflops))  # one thread, as NumPy has
            name = rung_label(best.exercise) if best.exercise else LIBRARY_NAMES.get(best.contestant, best.contestant)
            text = f"{who.format(name)} reaches {rate(best.gflops)} GFLOP/s at n = {n:,}"
            share = self.of_numpy(best.contestant, n)
            return text + (f"; {_beside_numpy(share)}." if share is not None and role != "library" else ".")
        return "Nothing was timed."


def _label(name: str) -> str:
    """How a contestant is called in the report: "mine:09_parallel@2" is "09 parallel ×2, yours"."""
    role, _, slug = name.partition(":")
    if not slug:
        return LIBRARY_NAMES.get(name, name)
    slug, _, threads = slug.partition("@")
    label = rung_label(slug) + (f" ×{threads}" if threads else "")
    return f"{label}, yours" if role == "mine" else label


def rung_label(slug: str) -> str:
    """06_tiled -> 06 tiled."""
    return slug.replace("_", " ")


def rate(gflops: float | None) -> str:
    """GFLOP/s in three digits, a dash where unknown."""
    if gflops is None:
        return "–"
    if gflops >= 100:
        return f"{gflops:,.0f}"
    if gflops >= 10:
        return f"{gflops:.1f}"
    return f"{gflops:.2f}" if gflops >= 0.095 else f"{gflops:#.2g}"


def times(ratio: float | None) -> str:
    """A ratio in two or three digits with its sign, a dash where unknown."""
    if ratio is None:
        return "–"
    if ratio >= 100:
        return f"{ratio:,.0f}×"
    if ratio >= 10:
        return f"{ratio:.1f}×"
    return f"{ratio:.2f}×" if ratio >= 0.095 else f"{ratio:#.2g}×"


def _beside_numpy(share: float) -> str:
    """A share of NumPy's speed in words."""
    if share < 0.5:
        return f"NumPy is {1 / share:,.0f} times faster" if share < 0.1 else f"NumPy is {1 / share:.1f} times faster"
    return f"that is {share:.0%} of NumPy's speed".replace("%", " %")
