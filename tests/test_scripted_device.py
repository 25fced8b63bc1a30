"""The scripted device keeps virtual time, and its judge accepts every honest protocol and names the others."""

import ast
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsys_kernels.course import scripted
from mlsys_kernels.course.problems import timer
from mlsys_kernels.course.spec import Mistake, ScriptedDevice, Tile

Fn, Now = Callable[[], None], Callable[[], float]

DEVICE = ScriptedDevice((2.0, 0.5, 0.25), launch_seconds=0.125, rounds=3)

milliseconds = st.floats(1e-3, 50.0)


def clock_after(*calls: str) -> float:
    """Virtual seconds since the start, after these calls."""
    fn, sync, now, _ = scripted.play(DEVICE)
    for call in calls:
        {"fn": fn, "sync": sync}[call]()
    return now() - scripted.START


def verdict(measure: scripted.Measure, device: ScriptedDevice) -> Mistake | None:
    return timer.check(device, scripted.run(measure, device))


def scripts() -> list[ScriptedDevice]:
    """Every device of every case, for one seed."""
    rng = np.random.default_rng(3)
    return [call.args[0] for case in timer.PROBLEM.cases for call in case.calls(rng, Tile())]


def test_fn_returns_when_the_work_is_launched_and_sync_when_it_is_done() -> None:
    assert clock_after("fn") == 0.125
    assert clock_after("fn", "sync") == 0.125 + 2.0


def test_work_queues_up_behind_earlier_work() -> None:
    assert clock_after("fn", "fn", "sync") == 0.125 + 2.0 + 0.5
    assert clock_after("fn", "fn") == 2 * 0.125


def test_sync_on_an_idle_device_takes_no_time() -> None:
    assert clock_after("sync", "sync") == 0.0
    assert clock_after("fn", "sync", "sync") == clock_after("fn", "sync")


def test_the_last_time_of_the_script_repeats() -> None:
    fourth = clock_after(*["fn", "sync"] * 4) - clock_after(*["fn", "sync"] * 3)

    assert fourth == 0.125 + 0.25


def test_the_log_is_plain_and_in_order() -> None:
    def measure(fn: Fn, sync: Fn, now: Now, rounds: int) -> int:
        fn()
        sync()
        now()
        return rounds

    assert scripted.run(measure, DEVICE) == {"returned": 3, "log": ["fn", "sync", scripted.START + 2.125]}


def test_a_loop_that_never_ends_is_stopped_with_a_sentence() -> None:
    def measure(_fn: Fn, _sync: Fn, now: Now, _rounds: int) -> None:
        until = now() + 1.0
        while now() < until:
            pass

    with pytest.raises(RuntimeError, match=r"10,000 calls .* a loop in `measure` does not end"):
        scripted.run(measure, DEVICE)


def test_what_runs_beside_the_learner_imports_no_answers() -> None:
    tree = ast.parse(Path(scripted.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert imported == {"collections.abc", "typing", "mlsys_kernels.course.spec"}


# Honest protocols: other people's style, all of them right.


def one_reading_ends_a_round_and_starts_the_next(fn: Fn, sync: Fn, now: Now, rounds: int) -> float:
    fn()
    sync()
    times, before = [], now()
    for _ in range(rounds):
        fn()
        sync()
        after = now()
        times.append(after - before)
        before = after
    return 1e3 * statistics.median(times)


def warm_up_is_timed_too_and_thrown_away(fn: Fn, sync: Fn, now: Now, rounds: int) -> float:
    times = []
    for _ in range(rounds + 3):
        start = now()
        fn()
        sync()
        times.append(now() - start)
    return float(np.median(times[3:])) * 1e3


def warm_up_of_ten_with_one_sync(fn: Fn, sync: Fn, now: Now, rounds: int) -> float:
    for _ in range(10):
        fn()
    sync()
    times = []
    while len(times) < rounds:
        start = now()
        fn()
        sync()
        times.append(now() - start)
    times.sort()
    return 500 * (times[(rounds - 1) // 2] + times[rounds // 2])


def sync_wherever_possible(fn: Fn, sync: Fn, now: Now, rounds: int) -> float:
    sync()
    fn()
    starts, stops = [], []
    for _ in range(rounds):
        sync()
        starts.append(now())
        fn()
        sync()
        sync()
        stops.append(now())
    return 1e3 * statistics.median(stop - start for start, stop in zip(starts, stops, strict=True))


def the_launch_is_looked_at_as_well(fn: Fn, sync: Fn, now: Now, rounds: int) -> float:
    fn()
    sync()
    times = []
    for _ in range(rounds):
        start = now()
        fn()
        now()
        sync()
        times.append(1e3 * now() - 1e3 * start)
    return statistics.median(times)


HONEST = [
    one_reading_ends_a_round_and_starts_the_next,
    warm_up_is_timed_too_and_thrown_away,
    warm_up_of_ten_with_one_sync,
    sync_wherever_possible,
    the_launch_is_looked_at_as_well,
]


@pytest.mark.parametrize("measure", HONEST, ids=lambda measure: measure.__name__)
def test_every_honest_protocol_is_accepted_on_every_device(measure: scripted.Measure) -> None:
    assert [verdict(measure, device) for device in scripts()] == [None] * len(scripts())


@given(
    st.integers(1, timer.EXTRA_CALLS),
    st.integers(1, 12),
    st.lists(milliseconds, min_size=1, max_size=25),
    st.floats(0.99, 1.01).filter(lambda factor: abs(factor - 1) > 1e-5),
)
def test_the_median_is_accepted_for_any_script_and_nothing_beside_it(
    warm_up: int, rounds: int, times: list[float], factor: float
) -> None:
    device = ScriptedDevice(tuple(1e-3 * time for time in times), 1e-5, rounds)

    def measure(fn: Fn, sync: Fn, now: Now, rounds: int) -> float:
        durations = []
        for _ in range(warm_up + rounds):
            start = now()
            fn()
            sync()
            durations.append(now() - start)
        return 1e3 * statistics.median(durations[warm_up:])

    record = scripted.run(measure, device)

    assert timer.check(device, record) is None
    assert timer.check(device, record | {"returned": factor * record["returned"]}) is not None


# Wrong protocols that are no mutants: each with a word of the cause that the learner must read.


def rounds_of_one(timed: Callable[[list[float]], Any], warm_up: int = 1) -> scripted.Measure:
    """The textbook's protocol, ending in something else than the median."""

    def measure(fn: Fn, sync: Fn, now: Now, rounds: int) -> Any:
        for _ in range(warm_up):
            fn()
            sync()
        times = []
        for _ in range(rounds):
            start = now()
            fn()
            sync()
            times.append(now() - start)
        return timed(times)

    return measure


VARIED = ScriptedDevice((2.0, 0.004, 0.003, 0.009, 0.006, 0.007), 1e-5, 5)


WRONG: dict[str, tuple[scripted.Measure, str]] = {
    "microseconds": (rounds_of_one(lambda times: 1e6 * statistics.median(times)), "in microseconds"),
    "the_maximum": (rounds_of_one(lambda times: 1e3 * max(times)), "that is the maximum"),
    "the_sum": (rounds_of_one(lambda times: 1e3 * sum(times)), "that is the sum"),
    "the_first_round": (rounds_of_one(lambda times: 1e3 * times[0]), "and of nothing else"),
    "earlier_minus_later": (rounds_of_one(lambda times: -statistics.median(times)), "later clock reading minus"),
    "not_a_number": (rounds_of_one(lambda _times: float("nan")), "later clock reading minus"),
    "nothing": (rounds_of_one(lambda _times: None), "return one number"),
    "a_list": (rounds_of_one(lambda times: times), "return one number"),
    "true": (rounds_of_one(lambda _times: True), "return one number"),
    "eleven_warm_ups": (rounds_of_one(statistics.median, warm_up=11), "only a few calls more"),
    "a_guess": (lambda _fn, _sync, _now, _rounds: 6.01, "call now()"),
    "one_call": (lambda fn, sync, now, rounds: [now(), fn(), sync(), now(), rounds][-1], "runs too few times"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_protocol_is_refused_for_its_own_reason(name: str) -> None:
    measure, words = WRONG[name]

    mistake = verdict(measure, VARIED)

    assert mistake is not None
    assert words in mistake.cause


scalars = (
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.sampled_from(["fn", "sync", ""])
)
records = st.fixed_dictionaries({"returned": scalars | st.lists(scalars, max_size=2), "log": st.lists(scalars)})


@given(records | scalars | st.just({}))
def test_whatever_comes_back_from_the_worker_is_judged_and_not_accepted(value: object) -> None:
    assert timer.check(VARIED, value) is not None
