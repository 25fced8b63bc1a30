"""Which program of a launch touched which element, and where two of them meet that no order keeps apart.

Triton's interpreter runs the programs of a launch one after the other, each to its end. So whoever touched an element
first is another program exactly if any other program did, and one number per element and kind of access is enough.
Two programs meet if one of them stores and the other stores or loads; not if both use atomics.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Access = Literal["load", "store", "atomic"]

_MEETS: dict[Access, tuple[Access, ...]] = {
    "load": ("store", "atomic"),
    "store": ("store", "load", "atomic"),
    "atomic": ("store", "load"),
}

LARGEST = 1 << 24
"""Elements of memory up to which accesses are remembered: 64 MiB for each kind of access that occurs."""


@dataclass(frozen=True)
class Meeting:
    """The first lane of an access that meets another program's, who that is, and what it did there."""

    lane: int
    program: int
    did: Access


@dataclass
class Order:
    """What programs know of each other through atomics on single elements: locks, and counters of who has arrived.

    A program that touches such an element comes after all that touched it before, and after whatever those came after.
    """

    programs: int
    _earlier: NDArray[np.bool_] = field(init=False)
    _released: dict[int, NDArray[np.bool_]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A program begins, and knows of no other."""
        self._earlier = np.zeros(self.programs + 1, np.bool_)

    def atomic(self, address: int, program: int) -> None:
        """The running program has touched the one element at `address`."""
        if address in self._released:
            self._earlier |= self._released[address]
        released = self._earlier.copy()
        released[program] = True
        self._released[address] = released

    def is_earlier(self, programs: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which of `programs` are known to come before the running one."""
        return self._earlier[programs]


class Footprints:
    """Who touched each of `size` elements of memory during one launch; programs are numbered from 1."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._by: dict[Access, NDArray[np.int32]] = {}

    def meeting(
        self,
        access: Access,
        at: NDArray[np.int64],
        program: int,
        order: Order,
        stores_the_same: Callable[[], NDArray[np.bool_]],
    ) -> Meeting | None:
        """Where the access meets one of another program, if anywhere.

        Args:
            access: what the program is about to do.
            at: the element that each lane touches.
            program: its number.
            order: what it knows of the others.
            stores_the_same: which lanes would store what is there already; asked only if it matters.
        """
        harmless = np.zeros(at.shape, np.bool_)
        for did in _MEETS[access]:
            if did not in self._by:
                continue
            by = self._by[did][at]
            met = (by != 0) & (by != program)
            if not met.any():
                continue
            if "atomic" not in (access, did):
                met &= ~order.is_earlier(by)
            if access == did == "store" and met.any():
                harmless = met & stores_the_same()
            met &= ~harmless
            if met.any():
                lane = int(met.argmax())
                return Meeting(lane, int(by[lane]), did)
        return None

    def note(self, access: Access, at: NDArray[np.int64], program: int) -> None:
        """Remember the access: of stores the last program, of others the first."""
        if access not in self._by:
            self._by[access] = np.zeros(self._size, np.int32)
        by = self._by[access]
        if access == "store":
            by[at] = program
        else:
            new = at[by[at] == 0]
            if new.size:
                by[new] = program
