"""Which iterations of a prange loop touched an element: marks beside the memory, and the conflicts that they show.

Iterations run one after the other here, in order, so that the same file always gives the same answer. Of each element
the last writer and two readers are kept; with two different readers, any writer is in conflict with at least one.
"""

import dataclasses
from collections.abc import Sequence
from types import FrameType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.tracing.followed import Memory

# Rows of Memory.marks: positions of iterations, or -1, and the lines where they touched the element.
_WRITER, _WRITER_LINE, _READER, _READER_LINE, _SECOND, _SECOND_LINE = range(6)


class Loop:
    """One run of a prange loop.

    Args:
        serial: its number among all of them, from 1.
        values: what the loop's variable becomes, one value for each iteration.
        frame: the function that it stands in.
    """

    def __init__(self, serial: int, values: Sequence[Any], frame: FrameType) -> None:
        self.serial, self.values, self.frame, self.line = serial, values, frame, frame.f_lineno
        self.at = 0  # the position of the iteration that runs now
        self.group = np.arange(len(values))  # iterations of one group run one after the other on any machine

    def divide_among(self, threads: int) -> None:
        """From now on, iterations that one of `threads` threads runs as its share are not in conflict."""
        self.group = np.arange(len(self.values)) * threads // max(1, len(self.values))


class SharedMemory(Memory):
    """A piece of memory that iterations may share.

    Args:
        array: the array with which it was made.
        line: where it was made, or None.
        loop: the serial of the prange loop of which one iteration made it, or 0.
    """

    def __init__(self, array: NDArray[Any], line: int | None, loop: int) -> None:
        super().__init__(array, line)
        self.loop = loop
        self._marks: tuple[int, NDArray[np.int32]] | None = None

    def marks(self, loop: Loop) -> NDArray[np.int32]:
        """Six rows of marks, one column for each byte; an element's are at its first byte."""
        if self._marks is None or self._marks[0] != loop.serial:
            self._marks = loop.serial, np.full((6, self.end - self.start), -1, np.int32)
        return self._marks[1]


@dataclasses.dataclass(frozen=True)
class Conflict:
    """An element that the current iteration and another one may not both touch."""

    place: int  # the element's first byte, from the start of the memory
    other: int  # the position of the other iteration
    other_line: int
    other_did: Literal["read", "write"]


@dataclasses.dataclass
class Watch:
    """What is watched in this process: the prange loop that runs, and how many have started.

    One thread is watched. What the file does in threads of its own belongs to no iteration.
    """

    loop: Loop | None = None
    loops: int = 0


watch = Watch()


def touch(loop: Loop, memory: SharedMemory, at: Any, does: Literal["read", "write"], line: int) -> Conflict | None:
    """Let the current iteration read or write the elements `at` (bytes); return the first conflict, or None."""
    marks, me = memory.marks(loop), loop.at
    if isinstance(at, int):
        writer, _, reader, _, second, _ = marks[:, at].tolist()
        if does == "read" and writer in (-1, me) and (reader == me or second >= 0):
            return None  # the quick way out, for most accesses of most kernels
        if does == "write" and writer == me and reader in (-1, me) and second < 0:
            return None
        at = np.array([at])
    rows = (_WRITER, _READER, _SECOND) if does == "write" else (_WRITER,)
    for row in rows:
        who = marks[row, at]
        conflicts = (who >= 0) & (loop.group[who] != loop.group[me])
        if conflicts.any():
            place = int(at[int(conflicts.argmax())])
            did: Literal["read", "write"] = "write" if row == _WRITER else "read"
            return Conflict(place, int(marks[row, place]), int(marks[row + 1, place]), did)
    if does == "write":
        at = at[marks[_WRITER, at] != me]  # the line is that of an iteration's first write
        marks[_WRITER, at], marks[_WRITER_LINE, at] = me, line
        return None
    first = marks[_READER, at]
    new, more = at[first < 0], at[(first >= 0) & (loop.group[first] != loop.group[me]) & (marks[_SECOND, at] < 0)]
    marks[_READER, new], marks[_READER_LINE, new] = me, line
    marks[_SECOND, more], marks[_SECOND_LINE, more] = me, line
    return None
