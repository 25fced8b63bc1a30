"""What grading says: a verdict for each case, and for a failure the five parts that a learner needs."""

from dataclasses import dataclass
from typing import Literal

from mlsys_kernels.course.spec import Figure
from mlsys_kernels.grading.diagnosis.names import name_of

VerdictWord = Literal["passed", "failed", "todo", "error", "not-run"]
"""failed: the answer is wrong. error: there is no answer (crash, time, memory). not-run: this machine cannot tell."""


@dataclass(frozen=True)
class Message:
    """A failure, for the learner: where, what, the numbers, the likely cause, and the next command.

    `trace` holds the learner's own lines of a traceback, `picture` a map of the wrong elements, one string per row.
    `name` is the name of the cause, a key of `diagnosis.names.NAMES` and the anchor of its section in docs/causes.md.
    """

    where: str
    what: str
    numbers: str
    cause: str
    next: str
    trace: tuple[str, ...] = ()
    picture: tuple[str, ...] = ()
    name: str = ""

    @property
    def hint(self) -> str:
        """How to find this kind of mistake, in one or two sentences."""
        return name_of(self.name).hint

    def text(self) -> str:
        """The message for a terminal."""
        parts = [f"where   {self.where}", f"what    {self.what}"]
        parts += [f"        {line}" for line in self.trace]
        if self.numbers:
            parts.append(f"numbers {self.numbers}")
        parts += [f"        {row}" for row in self.picture]
        parts += [f"cause   {self.cause}", f"next    {self.next}"]
        return "\n".join(parts)


@dataclass(frozen=True)
class CaseResult:
    """The verdict on one case of one file. `cause` is one word (wrong-result, timeout, ...), None when passed or todo.

    `reason` says in a few words why a case is todo or not-run. `output` is what the learner's code printed. `figure`
    is what a technique check has counted.
    """

    exercise: str
    case: str
    verdict: VerdictWord
    cause: str | None = None
    reason: str = ""
    message: Message | None = None
    output: str = ""
    seconds: float = 0.0
    figure: Figure | None = None


def one_line(text: str) -> str:
    """`printable`, and no line of its own: a stranger's text must not look like a line of ours."""
    return printable(text).replace("\n", "?")


def printable(text: str) -> str:
    """The text without control characters, which could move the cursor or recolour a terminal."""
    return "".join(char if char.isprintable() or char in "\n\t" else "?" for char in text)
