"""Why a kernel was not compiled: the compiler's own sentence, and the line of the file that it is about.

Triton wraps what it finds once for every function that it was in when it found it; the innermost reason is the one to
read. A reason is plain data: `failed` (refused, raised, todo or unreadable), `message` and `line` (None: not known).
"""

import re
import traceback
from pathlib import Path
from typing import Any

MEMORY_BYTES = 3 << 30
"""What a file and the compiler may take, beyond what Python, torch and triton hold when they are imported."""
LONGEST_MESSAGE = 600
_WRAPPED = re.compile(r"""(\w*(?:Error|Exception))\((["'])(.*)\2\)""", re.DOTALL)
_ASSEMBLER = re.compile(r"ptxas (?:fatal|error)\s*:.*")


def failure(kind: str, message: str, line: int | None) -> dict[str, Any]:
    """One reason, no longer than a few lines."""
    return {"failed": kind, "message": message[:LONGEST_MESSAGE], "line": line}


def explain(error: BaseException, file: str, *, refused: bool) -> dict[str, Any]:
    """What an exception says; `refused` if the compiler raised it, not the file's own Python."""
    if isinstance(error, SyntaxError):
        return failure("unreadable", f"Python cannot read the file: {error.msg}", error.lineno)
    if isinstance(error, MemoryError):
        words = f"it needs more memory than the {MEMORY_BYTES >> 30} GiB that it may have"
        return failure("raised", words, line_of(error, file))
    line, reason = line_of(error, file), error
    while True:
        line = _line_of_node(reason, file) or line
        if reason.__cause__ is None:
            break
        reason = reason.__cause__
    if line is not None and "raise NotImplementedError(" in (source := _source_line(file, line)):
        return failure("todo", source.strip(), line)
    own_words = getattr(reason, "error_message", None)
    message = str(own_words or reason).strip()
    if own_words is None and not (refused and isinstance(reason, AssertionError)):
        message = f"{type(reason).__name__}: {message}".removesuffix(": ")
    if wrapped := _WRAPPED.fullmatch(message):
        message = f"{wrapped[1]}: {wrapped[3]}"  # Triton shows some exceptions as Python's repr does
    if assembler := _ASSEMBLER.search(message):
        message = assembler[0]  # the rest is the command, and files that are gone
    message = message.replace("dynamic_func()", "the kernel")  # its own name for a kernel's signature
    return failure("refused" if refused else "raised", message, line)


def line_of(error: BaseException, file: str) -> int | None:
    """The last line of the file that was running when the exception was raised."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return lines[-1] if lines else None


def _line_of_node(error: BaseException, file: str) -> int | None:
    """The line that one of Triton's errors is about: it carries the text of one function, and a line in that."""
    text, node = getattr(error, "src", None), getattr(error, "node", None)
    inside = getattr(node, "lineno", None)
    if not isinstance(text, str) or inside is None:
        return None
    head = text.split("\n", 1)[0].strip()
    for number, line in enumerate(Path(file).read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip() == head:
            return int(number + inside - 1)
    return None


def _source_line(file: str, line: int) -> str:
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    return lines[line - 1] if 0 < line <= len(lines) else ""
