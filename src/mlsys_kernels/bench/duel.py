"""Time several functions side by side: short blocks, in random order, round after round.

A machine's speed drifts while it is measured. Blocks that follow each other within milliseconds see the same machine,
so contestants are compared round by round and never "all of A, then all of B". A slow contestant takes part only in
some of the rounds, evenly spread.
"""

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

BLOCK_S = 1e-3
"""What a block should last, at least: far above the resolution of the clock, far below a scheduler's time slice."""
MAX_BLOCKS = 100
MIN_BLOCKS = 6
MIN_BLOCKS_OF_A_SLOW_CALL = 3
SLOW_CALL_S = 0.25

Clock = Callable[[], float]


@dataclass(frozen=True)
class Samples:
    """What one contestant's blocks took: seconds per call, the round of each block, and the calls in one block."""

    seconds: tuple[float, ...]
    rounds: tuple[int, ...]
    inner: int


def calls_per_block(function: Callable[[], Any], now: Clock, known_s: float | None) -> tuple[int, float]:
    """How many calls make a block of at least 1 ms, and what that block takes in seconds.

    `known_s`: what one call takes, if that was seen before; a slow call is then not made once more to find out.
    """
    if known_s is not None and known_s > 10 * BLOCK_S:
        return 1, known_s
    inner = 1
    while True:
        start = now()
        for _ in range(inner):
            function()
        spent = now() - start
        if spent >= BLOCK_S / 4 or inner >= 1 << 20:
            break
        inner *= 2
    per_call = spent / inner
    inner = max(1, min(round(BLOCK_S / per_call) if per_call > 0 else inner, 1 << 20))
    return inner, inner * per_call


def blocks_for(block_s: float, budget_s: float) -> int:
    """How many blocks of this length fit the budget, within the limits."""
    fewest = MIN_BLOCKS_OF_A_SLOW_CALL if block_s > SLOW_CALL_S else MIN_BLOCKS
    return max(fewest, min(MAX_BLOCKS, int(budget_s / block_s) if block_s > 0 else MAX_BLOCKS))


def schedule(blocks: dict[str, int]) -> Iterator[list[str]]:
    """Who takes part in each round: contestant c in blocks[c] of max(blocks) rounds, evenly spread."""
    rounds = max(blocks.values(), default=0)
    for r in range(rounds):
        yield [name for name, count in blocks.items() if (r + 1) * count // rounds > r * count // rounds]


def duel(
    functions: dict[str, Callable[[], Any]],
    budget_s: float,
    seed: int,
    now: Clock,
    known_s: dict[str, float] | None = None,
    on_turn: Callable[[str], None] = lambda _name: None,
) -> dict[str, Samples]:
    """Time the functions, each for about `budget_s` seconds.

    Args:
        functions: the contestants, compiled already.
        budget_s: seconds for each contestant; a slow one gets at least 3 blocks.
        seed: decides the order within the rounds.
        now: the clock, in seconds.
        known_s: what one call of a contestant took before.
        on_turn: called with a contestant's name before its blocks, outside of the timing.
    """
    known = known_s or {}
    inner: dict[str, int] = {}
    blocks: dict[str, int] = {}
    for name, function in functions.items():
        on_turn(name)
        inner[name], block_s = calls_per_block(function, now, known.get(name))
        blocks[name] = blocks_for(block_s, budget_s)
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    rounds: dict[str, list[int]] = {name: [] for name in functions}
    rng = np.random.default_rng(seed)
    gc.collect()
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for r, names in enumerate(schedule(blocks)):
            for at in rng.permutation(len(names)):
                name = names[at]
                on_turn(name)
                function, calls = functions[name], range(inner[name])
                start = now()
                for _ in calls:
                    function()
                seconds[name].append((now() - start) / inner[name])
                rounds[name].append(r)
    finally:
        if was_enabled:
            gc.enable()
    return {name: Samples(tuple(seconds[name]), tuple(rounds[name]), inner[name]) for name in functions}
