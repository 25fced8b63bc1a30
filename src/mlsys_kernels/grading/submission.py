"""A submission is the bytes of one file: read once, by the judge, before anything runs; nothing beside it counts."""

import ast
import hashlib
import os
import stat
import tokenize
import warnings
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from mlsys_kernels.grading.verdict import Message, one_line

SIZE_LIMIT = 1 << 20
"""Bytes; the longest solution has 6,000."""


@dataclass(frozen=True)
class Submission:
    """The bytes, their SHA-256, and the syntax tree; `refusal` says why there is no tree.

    `missing` True: there is no such file, or it may not be read, so that nothing can be said about its author.
    """

    data: bytes
    tree: ast.Module | None = field(repr=False)
    refusal: Message | None = None
    missing: bool = False

    @property
    def sha256(self) -> str | None:
        """The name of exactly these bytes; None if they could not be read."""
        return hashlib.sha256(self.data).hexdigest() if self.data or self.refusal is None else None


def read_submission(path: Path, where: str, again: str) -> Submission:
    """Read and parse the file at `path`, which may be anything: a link, a pipe, a folder, noise."""

    def refused(what: str, numbers: str, cause: str, data: bytes = b"", *, missing: bool = False) -> Submission:
        message = Message(where, one_line(f"the file {what}"), one_line(numbers), cause, again, name="load-error")
        return Submission(data, None, message, missing)

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        if path.is_symlink():
            return refused("is a link", "", "a submission is a file of its own; links are not followed")
        reason = getattr(error, "strerror", None) or str(error)
        return refused(
            f"cannot be read: {reason}",
            "",
            "a missing or protected file",
            missing=not path.exists() or isinstance(error, PermissionError),
        )
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        return refused("is not a regular file", "", "a folder, pipe or device has this name")
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size > SIZE_LIMIT:
            numbers = f"{status.st_size:,} bytes, at most {SIZE_LIMIT:,}"
            return refused("is too large for an exercise", numbers, "it is probably not source")
        data = file.read(SIZE_LIMIT + 1)
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
        data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        cause = "it was saved in another encoding; save it as UTF-8"
        return refused("is not UTF-8 text", str(error).split(":")[-1].strip(), cause, data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in a string is no fault, whatever a gym makes of warnings
            return Submission(data, ast.parse(data, str(path)))
    except SyntaxError as error:
        line = (error.text or "").strip()
        numbers = f"line {error.lineno}: {line}"[:200] if error.lineno else ""
        cause = "Python stopped reading here; the mistake is often on the line above (a bracket, a colon, an indent)"
        return refused(f"is not valid Python: {error.msg}", numbers, cause, data)
    except (ValueError, RecursionError, MemoryError) as error:
        cause = "an expression nested too deep, or a null byte"
        return refused("is not valid Python", str(error)[:100], cause, data)
