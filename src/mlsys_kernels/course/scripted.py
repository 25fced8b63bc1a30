"""A fake asynchronous accelerator on virtual time, for the exercise about timing: no real clock, nothing sleeps.

This runs in the process that runs the learner's file, and knows no expected answer. Only what is called moves the
virtual clock: `fn()` takes the launch time and leaves its work in the device's queue, `sync()` waits until the queue
is empty, `now()` reads the clock and takes no time at all.
"""

from collections.abc import Callable
from typing import Any

from mlsys_kernels.course.spec import ScriptedDevice

START = 12.5
"""The first reading of the clock, in seconds: a clock that starts at 0 would let `now()` pass for a duration."""
MOST_CALLS = 10_000
"""Calls of fn, sync and now together; more can only be a loop that never ends."""

Log = list[str | float]
Measure = Callable[[Callable[[], None], Callable[[], None], Callable[[], float], int], Any]


def play(device: ScriptedDevice) -> tuple[Callable[[], None], Callable[[], None], Callable[[], float], Log]:
    """Build `fn`, `sync` and `now` for a device, and the log that they write.

    The log is what was called, in order: "fn", "sync", or the number of seconds that `now` answered. All three raise
    RuntimeError after `MOST_CALLS` calls.
    """
    clock = START
    idle_at = START  # when the device will have finished all that is in its queue
    launched = 0
    log: Log = []

    def note(entry: str | float) -> None:
        if len(log) >= MOST_CALLS:
            raise RuntimeError(
                f"the device stopped after {MOST_CALLS:,} calls of fn, sync and now: a loop in `measure` does not end. "
                "Time stands still between those calls, so waiting for the clock alone waits for ever."
            )
        log.append(entry)

    def fn() -> None:
        nonlocal clock, idle_at, launched
        note("fn")
        clock += device.launch_seconds
        seconds = device.kernel_seconds[min(launched, len(device.kernel_seconds) - 1)]
        idle_at = max(idle_at, clock) + seconds
        launched += 1

    def sync() -> None:
        nonlocal clock
        note("sync")
        clock = max(clock, idle_at)

    def now() -> float:
        note(clock)
        return clock

    return fn, sync, now, log


def run(measure: Measure, device: ScriptedDevice) -> dict[str, Any]:
    """Call `measure(fn, sync, now, rounds)` on the device: {"returned": what it returned, "log": what it called}."""
    fn, sync, now, log = play(device)
    returned = measure(fn, sync, now, device.rounds)
    return {"returned": returned, "log": log}
