"""Hand samples that were measured elsewhere to pytest-benchmark, through its public API.

pytest-benchmark times one function after the other, which is the wrong order on a machine whose speed drifts. So the
samples are taken by a duel in another process, and each test *replays* its own: a clock that only moves when it is
told to makes `benchmark.pedantic` record exactly these seconds, bit for bit. The table, JSON, `--benchmark-save`,
`--benchmark-compare`, `-k` and `--benchmark-disable` go on working.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class ReplayClock:
    """A timer for `@pytest.mark.benchmark(timer=...)` that shows 0 before a round and the sample after it."""

    __name__ = "mlsys_replay"  # pytest-benchmark writes the timer's name into its JSON

    def __init__(self) -> None:
        self._shown = 0.0
        self._samples: Iterator[float] = iter(())

    def __call__(self) -> float:
        """Read the clock, in seconds."""
        return self._shown

    def load(self, seconds: tuple[float, ...]) -> None:
        """Set what the next rounds will have taken."""
        self._samples = iter(seconds)

    def reset(self) -> None:
        """Begin a round."""
        self._shown = 0.0

    def step(self) -> None:
        """End a round."""
        self._shown = next(self._samples)


CLOCK = ReplayClock()


def replay(benchmark: Any, seconds: tuple[float, ...]) -> None:
    """Record these seconds in a benchmark fixture whose timer is CLOCK."""
    CLOCK.load(seconds)
    benchmark.pedantic(CLOCK.step, setup=CLOCK.reset, rounds=len(seconds))
