"""Compare a run with another one: as ratios to each run's own NumPy, and in seconds only on the same machine.

A machine's clock, its other users and its compiler change between runs; NumPy, measured within milliseconds of each
contestant, changes with them. So the share of NumPy's speed is what two runs can be compared by.
"""

from dataclasses import dataclass

from mlsys_kernels.report.model import BASELINE, Contender, Model
from mlsys_kernels.report.read import BadRunError


@dataclass(frozen=True)
class Change:
    """One contestant at one size in both runs. `before` and `now` are shares of NumPy's speed, None without NumPy.

    `in_seconds` is the other run's time divided by this one's, None if the machines differ.
    """

    contender: Contender
    n: int
    before: float | None
    now: float | None
    in_seconds: float | None

    @property
    def ratio(self) -> float | None:
        """How many times faster than before, beside NumPy."""
        return self.now / self.before if self.now and self.before else None


@dataclass(frozen=True)
class Comparison:
    """This run beside another one; `changes` has every cell that both runs measured."""

    now: Model
    before: Model
    changes: dict[tuple[str, int], Change]

    @property
    def same_machine(self) -> bool:
        """Whether seconds may be compared: both files say that they come from one machine."""
        return self.now.run.machine is not None and self.now.run.machine == self.before.run.machine

    @property
    def contenders(self) -> tuple[Contender, ...]:
        """Who can be compared, in the order of the ladder; NumPy, which is the measure, only in seconds."""
        return tuple(
            contender
            for contender in self.now.contenders
            if any(name == contender.name for name, _ in self.changes)
            and (contender.name != BASELINE or self.same_machine)
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes at which something can be compared."""
        return tuple(sorted({n for _, n in self.changes}))

    @property
    def only_now(self) -> tuple[str, ...]:
        """Contestants that the other run does not have."""
        return _missing(self.now, self.before)

    @property
    def only_before(self) -> tuple[str, ...]:
        """Contestants that this run does not have."""
        return _missing(self.before, self.now)

    def ratio(self, name: str, n: int) -> float | None:
        """How many times faster than before, beside NumPy."""
        change = self.changes.get((name, n))
        return change.ratio if change else None

    def in_seconds(self, name: str, n: int) -> float | None:
        """How many times faster than before by the clock; None if the machines differ."""
        change = self.changes.get((name, n))
        return change.in_seconds if change else None


def compare(now: Model, before: Model) -> Comparison:
    """Pair the cells that both runs have.

    Raises:
        BadRunError: there are none.
    """
    comparison = Comparison(now, before, {})
    for contender in now.contenders:
        for n in now.sizes:
            cell = contender.name, n
            if cell in now.cells and cell in before.cells:
                faster = before.cells[cell].median_s / now.cells[cell].median_s
                comparison.changes[cell] = Change(
                    contender,
                    n,
                    before.of_numpy(*cell),
                    now.of_numpy(*cell),
                    faster if comparison.same_machine else None,
                )
    if not comparison.changes:
        raise BadRunError(f"{now.run.name} and {before.run.name} have no contestant in common at any size")
    return comparison


def _missing(one: Model, other: Model) -> tuple[str, ...]:
    known = {contender.name for contender in other.contenders}
    return tuple(contender.label for contender in one.contenders if contender.name not in known)
