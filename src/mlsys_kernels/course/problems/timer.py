"""03 honest_timer: `measure(fn, sync, now, rounds)`, judged on a fake asynchronous device with a scripted clock.

The right answer is the median, in milliseconds, of `rounds` rounds, each timed from before the launch until the device
has finished: launch time plus the kernel's own. Before them come one to ten calls that are not timed. Everything else
is free: synchronizing more often, one clock reading that ends a round and starts the next, timing the warm-up as well.
"""

from functools import partial
from itertools import pairwise
from math import isclose, isfinite
from statistics import fmean, median, median_high, median_low
from typing import Any

import numpy as np

from mlsys_kernels.course.spec import Call, Case, Judged, Mistake, Problem, ScriptedDevice, Tile

EXTRA_CALLS = 10
"""How many calls of fn a warm-up may take."""
SHOWN = 14
"""How many calls a message lists."""

_ORDER = "a round is: read the clock, fn(), sync(), read the clock"


def durations(device: ScriptedDevice, calls: int) -> list[float]:
    """Milliseconds of the last `rounds` of so many calls, each launched on an idle device and waited for."""
    seconds = device.kernel_seconds
    indices = range(calls - device.rounds, calls)
    return [1e3 * (device.launch_seconds + seconds[min(i, len(seconds) - 1)]) for i in indices]


def check(device: ScriptedDevice, value: Any) -> Mistake | None:
    """What is wrong with a measurement, from the number that came back and the order of the calls."""
    if not (isinstance(value, dict) and isinstance(value.get("log"), list)):
        return Mistake("there is no record of the calls", "", "the file interferes with the process that runs it")
    returned, log = value.get("returned"), value["log"]
    called = f"rounds = {device.rounds}; your calls in order: {_show(log)}"
    if isinstance(returned, bool) or not isinstance(returned, int | float):
        kind = "None" if returned is None else f"a {type(returned).__name__}"
        return Mistake(f"it returned {kind}", called, "return one number: the median time of a call, in milliseconds")
    return _wrong_calls(device, log, called) or _wrong_time(device, log, float(returned), called)


def _wrong_calls(device: ScriptedDevice, log: list[Any], called: str) -> Mistake | None:
    """Too few or too many calls, whatever the number that came of them."""
    rounds, calls = device.rounds, log.count("fn")
    what = f"fn was called {_times(calls)} for {rounds} timed {'round' if rounds == 1 else 'rounds'}"
    if all(isinstance(entry, str) for entry in log):
        cause = "time is read from the clock that is passed in: call now() before and after"
        return Mistake("the clock was never read", called, cause)
    if calls < rounds:
        return Mistake(what, called, "the loop over the rounds ends too early, or never starts")
    if calls == rounds:
        cause = "there is no warm-up: the first call compiles, and must be over before the first round that counts"
        if _timed(log) < rounds:
            cause = "one round is missing: range(rounds) already counts from 0 to rounds - 1"
        return Mistake(what, called, cause)
    if calls > rounds + EXTRA_CALLS:
        limit = f"at most {rounds} + {EXTRA_CALLS} calls are allowed; {called}"
        return Mistake(what, limit, "each round calls fn once, and the warm-up needs only a few calls more")
    if _timed(log) < rounds:
        cause = "each round has its own two clock readings with one call of fn between them; a median needs them all"
        return Mistake(f"only {_timed(log)} of {rounds} rounds were timed one by one", called, cause)
    return None


def _wrong_time(device: ScriptedDevice, log: list[Any], returned: float, called: str) -> Mistake | None:
    """The calls are in order of number; is the answer the median of the rounds?"""
    rounds = durations(device, log.count("fn"))
    right = median(rounds)
    if _same(returned, right):
        return None
    numbers = f"expected {right:.6g} ms, the median of {_show_times(rounds)}; {called}"
    what = f"it returned {returned:.6g}"
    for factor, unit in ((1e-3, "seconds"), (1e3, "microseconds"), (1e6, "nanoseconds")):
        if _same(returned, factor * right):
            return Mistake(what, numbers, f"that is the right time in {unit}: now() answers seconds, milliseconds are asked")
    return Mistake(what, numbers, _cause(device, log, returned, rounds))


def _cause(device: ScriptedDevice, log: list[Any], returned: float, rounds: list[float]) -> str:
    """The likely cause, from the mistakes that give exactly this number, then from the order of the calls."""
    if "sync" not in log:
        return f"sync() is never called, so the clock stops when the work is launched, not when it is done: {_ORDER}"
    if _same(returned, 1e3 * device.launch_seconds) or _stops_too_early(log):
        return f"the clock is read before sync(): that times the launch, not the work; {_ORDER}"
    if _starts_too_early(device, log):
        return (
            "the clock starts while the device is still busy with an earlier call (the warm-up): call sync() before the "
            "first clock reading"
        )
    if len(set(rounds)) > 1:
        statistics = (
            ("mean", fmean(rounds), "one slow round pulls the mean up; the median does not move"),
            ("minimum", min(rounds), "the best round says what can happen, not what usually does"),
            ("maximum", max(rounds), "the worst round says what can happen, not what usually does"),
        )
        for name, number, why in statistics:
            if _same(returned, number):
                return f"that is the {name} of the rounds, not the median: {why}"
        if _same(returned, median_low(rounds)) or _same(returned, median_high(rounds)):
            return "with an even number of rounds the median is the mean of the two middle times"
    if _same(returned, sum(rounds)) and len(rounds) > 1:
        return "that is the sum of all rounds; a time per call is asked"
    everything = durations(device, log.count("fn"))[: 0] + _all_durations(device, log)
    if _same(returned, median(everything)):
        return "the warm-up is among the times: leave its calls out of the median"
    if not isfinite(returned) or returned <= 0:
        return "a duration is the later reading minus the earlier one"
    return f"{_ORDER}; then the median of the rounds alone"


def _all_durations(device: ScriptedDevice, log: list[Any]) -> list[float]:
    calls = log.count("fn")
    return durations(ScriptedDevice(device.kernel_seconds, device.launch_seconds, calls), calls)


def _same(a: float, b: float) -> bool:
    return isclose(a, b, rel_tol=1e-6)


def _timed(log: list[Any]) -> int:
    """Calls of fn that have a clock reading of their own on both sides, with no other call between."""
    words = ["now" if not isinstance(entry, str) else entry for entry in log]
    kept = [word for word in words if word != "sync"]
    return sum(kept[i - 1 : i + 2] == ["now", "fn", "now"] for i in range(1, len(kept) - 1))


def _stops_too_early(log: list[Any]) -> bool:
    """A clock reading directly after a launch, and none after the sync that follows it."""
    words = "".join({"fn": "f", "sync": "s"}.get(entry, "n") if isinstance(entry, str) else "n" for entry in log)
    return "nfn" in words and "nfsn" not in words


def _starts_too_early(device: ScriptedDevice, log: list[Any]) -> bool:
    """The first timed call is launched while an untimed one is still running."""
    words = ["now" if not isinstance(entry, str) else entry for entry in log]
    first = next((i for i in range(1, len(words)) if words[i - 1 : i + 1] == ["now", "fn"]), 0)
    return "fn" in words[:first] and _queue_is_busy(words[:first])


def _queue_is_busy(words: list[str]) -> bool:
    """True if no sync follows the last launch."""
    last_launch = max(i for i, word in enumerate(words) if word == "fn")
    return "sync" not in words[last_launch:]


def _show(log: list[Any]) -> str:
    words = ["now" if not isinstance(entry, str) else entry for entry in log]
    return " ".join(words[:SHOWN]) + (" ..." if len(words) > SHOWN else "") if words else "none"


def _show_times(times: list[float]) -> str:
    return ", ".join(f"{time:.4g}" for time in times)


def _times(count: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(count, f"{count} times")
