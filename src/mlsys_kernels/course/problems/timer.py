"""03 honest_timer: `measure(fn, sync, now, rounds)`, judged on a fake asynchronous device with a scripted clock.

The right answer is the median, in milliseconds, of `rounds` rounds, each timed from before the launch until the device
has finished: launch time plus the kernel's own. Before them come one to ten calls that do not count. Everything else
is free: synchronizing more often, one clock reading that ends a round and starts the next, timing the warm-up as well.
"""

import re
from collections.abc import Callable
from functools import partial
from math import inf, isclose, isfinite
from statistics import fmean, median, median_high, median_low
from typing import Any

import numpy as np

from mlsys_kernels.course.spec import Call, Case, Judged, Mistake, Problem, ScriptedDevice, Tile

EXTRA_CALLS = 10
"""How many calls of fn a warm-up may take."""
SHOWN = 14
"""How many calls a message lists."""

_A_ROUND = "a round is: now(), fn(), sync(), now()"
_WORDS = {"n": "now", "f": "fn", "s": "sync"}


def durations(device: ScriptedDevice, first: int, last: int) -> list[float]:
    """Milliseconds of the calls `first` to `last - 1` of fn, each launched on an idle device and waited for."""
    script = device.kernel_seconds
    return [1e3 * (device.launch_seconds + script[min(i, len(script) - 1)]) for i in range(first, last)]


def check(device: ScriptedDevice, value: Any) -> Mistake | None:
    """What is wrong with a measurement, from the number that came back and the order of the calls."""
    if not (isinstance(value, dict) and isinstance(value.get("log"), list)):
        return Mistake("there is no record of the calls", "", "the file interferes with the process that runs it")
    returned = value.get("returned")
    # One letter per call: f for fn, s for sync, n for now (whose entry in the log is the time it answered).
    order = "".join({"fn": "f", "sync": "s"}.get(str(entry), "n") for entry in value["log"])
    called = f"rounds = {device.rounds}; your calls in order: {_show(order)}"
    if isinstance(returned, bool) or not isinstance(returned, int | float):
        kind = "None" if returned is None else f"a {type(returned).__name__}"
        return Mistake(f"it returned {kind}", called, "return one number: the median time of a call, in milliseconds")
    # An integer may be too large for a float; no duration is.
    answer = float(returned) if abs(returned) < 1e300 else inf
    return _wrong_calls(device, order, called) or _wrong_time(device, order, answer, called)


def _wrong_calls(device: ScriptedDevice, order: str, called: str) -> Mistake | None:
    """Calls that make no measurement of so many rounds, whatever number came of them."""
    rounds, calls = device.rounds, order.count("f")
    # A call is timed if it is the only one between two clock readings.
    timed = len(re.findall("(?=nfn)", order.replace("s", "")))
    few = f"too few calls of fn: {calls}, where a warm-up and rounds = {rounds} are asked"
    if "n" not in order:
        return Mistake("the clock was never read", called, "time comes from the clock that is passed in: call now()")
    if calls > rounds + EXTRA_CALLS:
        limit = f"at most rounds + {EXTRA_CALLS} = {rounds + EXTRA_CALLS} calls are allowed; {called}"
        return Mistake(
            f"too many calls of fn: {calls}",
            limit,
            "each round calls fn once, and the warm-up needs only a few calls more",
        )
    if calls <= rounds and timed == calls == rounds:
        cause = "there is no warm-up: the first call compiles, and must be over before the first round that counts"
        return Mistake(few, called, cause)
    if calls <= rounds:
        return Mistake(few, called, "the loop over the rounds runs too few times, or the warm-up is missing")
    if timed < rounds:
        cause = "each round needs two clock readings of its own, with one call of fn between them"
        return Mistake(f"{timed} of {rounds} rounds were timed one by one", called, cause)
    return None


def _wrong_time(device: ScriptedDevice, order: str, returned: float, called: str) -> Mistake | None:
    """The number and kinds of calls are right; is the answer the median of the rounds?"""
    calls = order.count("f")
    rounds = durations(device, calls - device.rounds, calls)
    right = median(rounds)
    if _same(returned, right):
        return None
    times = ", ".join(f"{time:.4g}" for time in rounds)
    numbers = f"expected {right:.6g} ms, the median of the rounds: {times}; {called}"
    for factor, unit in ((1e-3, "seconds"), (1e3, "microseconds"), (1e6, "nanoseconds")):
        if _same(returned, factor * right):
            cause = f"that is the right time in {unit}; now() answers seconds, and milliseconds are asked"
            return Mistake(f"it returned {returned:.6g}", numbers, cause)
    cause = _cause(returned, order, rounds, durations(device, 0, calls))
    return Mistake(f"it returned {returned:.6g} ms", numbers, cause)


def _cause(returned: float, order: str, rounds: list[float], every_call: list[float]) -> str:
    """The likely cause: first from the order of the calls, then from mistakes that give exactly this number."""
    if not isfinite(returned) or returned <= 0:
        return "a duration is the later clock reading minus the earlier one"
    if "s" not in order:
        return f"sync() is never called: the clock stops when the work is launched, not when it is done; {_A_ROUND}"
    if "nfn" in order:
        return f"the clock is read before sync(): that times the launch, not the work; {_A_ROUND}"
    if re.search("fn+f", order):
        return "the clock starts while the device is still busy with an earlier call: sync() after the warm-up"
    if len(every_call) >= 2 * len(rounds) > 2 and _same(returned, median(every_call[::-2][: len(rounds)])):
        return "every second call is left out: each round calls fn once, and there is one warm-up for all rounds"
    if len(set(rounds)) > 1:
        for name, number, why in (
            ("mean", fmean(rounds), "one unusual round moves the mean, but not the median"),
            ("minimum", min(rounds), "the best round says what can happen, not what usually does"),
            ("maximum", max(rounds), "the worst round says what can happen, not what usually does"),
        ):
            if _same(returned, number):
                return f"that is the {name} of the rounds, not the median: {why}"
        if _same(returned, median_low(rounds)) or _same(returned, median_high(rounds)):
            return "with an even number of rounds the median is the mean of the two times in the middle"
    if _same(returned, sum(rounds)):
        return "that is the sum of the rounds; the time of one call is asked"
    if any(_same(returned, median(every_call[first:])) for first in range(len(every_call) - len(rounds))):
        return "a call of the warm-up is among the times: only the rounds count"
    return f"{_A_ROUND}; then the median of the rounds, and of nothing else"


def _same(a: float, b: float) -> bool:
    return isclose(a, b, rel_tol=1e-6)


def _show(order: str) -> str:
    words = " ".join(_WORDS[letter] for letter in order[:SHOWN])
    return (words or "none") + (" ..." if len(order) > SHOWN else "")


Script = Callable[[np.random.Generator], ScriptedDevice]


def _case(name: str, catches: str, *scripts: Script) -> Case:
    def calls(rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
        devices = [script(rng) for script in scripts]
        return tuple(Call("measure", (device,), Judged(partial(check, device))) for device in devices)

    return Case(name, catches, calls)


def _steady(rounds: int) -> Script:
    """A first call that compiles for seconds, then the same few milliseconds for ever."""

    def script(rng: np.random.Generator) -> ScriptedDevice:
        return ScriptedDevice((float(rng.uniform(1, 3)), float(rng.uniform(2e-3, 8e-3))), _launch(rng), rounds)

    return script


def _one_unusual(rounds: int, factor: float) -> Script:
    """As steady, but one call in five takes `factor` times as long; so does one in any five that follow each other."""

    def script(rng: np.random.Generator) -> ScriptedDevice:
        usual = float(rng.uniform(2e-3, 8e-3))
        later = [usual * (factor if i % 5 == 3 else 1.0) for i in range(60)]
        return ScriptedDevice((float(rng.uniform(1, 3)), *later), _launch(rng), rounds)

    return script


def _varied(rounds: int) -> Script:
    """A first call that compiles, then a different time for every call."""

    def script(rng: np.random.Generator) -> ScriptedDevice:
        later = (float(seconds) for seconds in rng.uniform(2e-3, 8e-3, 60))
        return ScriptedDevice((float(rng.uniform(1, 3)), *later), _launch(rng), rounds)

    return script


def _launch(rng: np.random.Generator) -> float:
    return float(rng.uniform(5e-6, 20e-6))


PROBLEM = Problem(
    "timer",
    ("measure(fn, sync, now, rounds)",),
    (
        _case("first_call_compiles", "the first call, which compiles, counted as a round", _steady(1), _steady(2)),
        _case("launch_is_not_the_work", "the clock stopped when the work is launched, not done", _steady(5)),
        _case("warm_up_still_running", "the clock started while the device was busy with the warm-up", _steady(1)),
        _case("seconds_for_milliseconds", "an answer in another unit", _steady(3)),
        _case(
            "one_slow_round",
            "the mean or the maximum in place of the median",
            _one_unusual(5, 40.0),
            _one_unusual(9, 40.0),
        ),
        _case("one_fast_round", "the best round in place of the median", _one_unusual(5, 0.1), _one_unusual(9, 0.1)),
        _case(
            "even_rounds",
            "an even number of rounds: one of the two middle times in place of their mean",
            _varied(4),
            _varied(10),
            _varied(2),
        ),
        _case(
            "exactly_the_rounds",
            "one round too few or too many, or fn called more than once in a round",
            _varied(3),
            _varied(15),
            _varied(1),
        ),
    ),
)
