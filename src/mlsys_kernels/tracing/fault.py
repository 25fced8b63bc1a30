"""What a kernel did to memory that it may not do, found while it runs: one fault, kept until the worker reports it.

A fault is raised where it happens, so that the kernel stops, and recorded as well: a file may catch every exception,
but it cannot make a fault unsaid.
"""

from typing import Literal

Kind = Literal["out-of-bounds", "undefined-load", "race", "mutates-input"]

_recorded: list["MemoryFault"] = []


class MemoryFault(Exception):  # noqa: N818  # the field says fault, and an error is what Python raises
    """An access that no machine promises to survive.

    Args:
        kind: the cause in one word.
        what: one sentence with the tensor or array, the element, and who touched it.
        line: the line of the learner's file, or None where it is not known.
        because: the likely cause, one short sentence.
    """

    def __init__(self, kind: Kind, what: str, line: int | None, because: str) -> None:
        super().__init__(what)
        self.kind, self.what, self.line, self.because = kind, what, line, because
        _recorded.append(self)


def first() -> MemoryFault | None:
    """The first fault since `clear()`, caught by the file or not."""
    return _recorded[0] if _recorded else None


def clear() -> None:
    """Forget what was recorded; the worker does so before every call."""
    _recorded.clear()
