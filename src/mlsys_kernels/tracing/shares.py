"""How the iterations of parallel loops share a call's accesses, if THREADS threads ran them at the same time.

numba gives each thread a stretch of a prange loop's iterations, all stretches equally long as far as possible. A loop
then takes as long as the thread with most accesses. Loops inside a parallel loop run in the iteration that they are in,
as in numba, and so does prange in a function without parallel=True.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from types import CodeType
from typing import Any

THREADS = 4
"""Enough to see whether work is shared, and no more than most laptops have cores."""


@dataclass
class Shares:
    """What is known while a call runs. `accesses` says how many there were so far."""

    accesses: Callable[[], int]
    _parallel: set[CodeType] = field(default_factory=set)
    _loops: list[list[int]] = field(default_factory=list)
    _inside: bool = False

    def around(self, function: Any, options: dict[str, Any]) -> Any:
        """Remember a function that stands under @njit(parallel=True); give it back as it is."""
        if options.get("parallel"):
            self._parallel.add(function.__code__)
        return function

    def prange(self, *bounds: Any) -> Iterator[int]:
        """What stands for numba's prange: counts the accesses of each iteration of an outermost parallel loop."""
        if self._inside or sys._getframe(1).f_code not in self._parallel:
            return iter(range(*bounds))
        return self._watched(range(*bounds))

    def _watched(self, iterations: range) -> Iterator[int]:
        each: list[int] = []
        self._loops.append(each)
        self._inside = True
        try:
            for i in iterations:
                before = self.accesses()
                yield i
                each.append(self.accesses() - before)
        finally:
            self._inside = False

    def start(self) -> None:
        """Forget all loops."""
        self._loops.clear()
        self._inside = False

    def report(self) -> dict[str, int]:
        """The loops of the call as plain data.

        Returns:
            loops, and their iterations in all; most: of the loop with most accesses, how many iterations it has;
            longest: accesses on the longest way, what runs outside of parallel loops and, of each loop, the thread
            that has most; accesses: all of them.
        """
        total, inside = self.accesses(), sum(map(sum, self._loops))
        busiest = max(self._loops, key=sum, default=[])
        return {
            "loops": len(self._loops),
            "iterations": sum(map(len, self._loops)),
            "most": len(busiest),
            "accesses": total,
            "longest": total - inside + sum(_slowest(each) for each in self._loops),
        }


def _slowest(each: list[int]) -> int:
    """Accesses of the thread that has most, when equal stretches of iterations are given out."""
    ends = [len(each) * thread // THREADS for thread in range(THREADS + 1)]
    return max(sum(each[begin:end]) for begin, end in pairwise(ends))
