"""In the worker: an exception of a submission as plain text, and whether it is only the stub's."""

import traceback
from typing import Any

TEXT_LIMIT = 4000
"""Characters of an error message that are passed on."""


def describe(error: BaseException, path: str) -> dict[str, Any]:
    """An exception as text: its type, its message, and the traceback lines that are in the submission at `path`."""
    cause = error.__cause__
    if type(error).__name__ == "InterpreterError" and cause is not None:
        error = cause  # Triton's interpreter wraps what the kernel raised
    try:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    except Exception:
        frames = []
    try:
        message = str(error)[:TEXT_LIMIT]
    except BaseException:
        message = ""  # a hostile __str__
    return {
        "type": str(type(error).__name__)[:80],
        "message": message,
        "errno": error.errno if isinstance(error, OSError) and type(error.errno) is int else None,
        "frames": [[frame.lineno, frame.name[:80], (frame.line or "")[:200]] for frame in frames[-8:]],
        "todo": (isinstance(error, NotImplementedError) and _raised_by_file(error, path)) or _stub_compiled(error),
    }


def _raised_by_file(error: BaseException, path: str) -> bool:
    """True if a `raise` statement of the learner's file made it; libraries raise NotImplementedError as well."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].filename == path and (frames[-1].line or "").startswith("raise")


def _stub_compiled(error: BaseException) -> bool:
    """True if Triton's compiler, on a GPU, met the stub's `raise`: it compiles no raise, and quotes the line."""
    return type(error).__name__ == "UnsupportedLanguageConstruct" and "raise NotImplementedError(" in str(error)
