"""The causes that a failure can have, each one word, and which of them an exception or a fault is."""

from typing import Any

CAUSES = ("wrong-result", "precision", "nonfinite", "mutates-input", "aliasing", "out-of-bounds", "undefined-load",
          "race", "contract", "policy", "crash", "timeout", "memory", "disk", "output-flood", "load-error",
          "no-answer", "technique")  # fmt: skip
"""Every word that `cause` can be, beside None."""

_DISK_ERRORS = (27, 28, 122)
"""EFBIG, ENOSPC, EDQUOT on Linux."""


def exception_word(raised: dict[str, Any]) -> str:
    """An exception while a function runs."""
    if raised["type"] == "MemoryError" or raised["type"].endswith("OutOfMemoryError"):
        return "memory"
    return "disk" if raised["errno"] in _DISK_ERRORS else "crash"


def load_word(raised: dict[str, Any]) -> str:
    """An exception while the file is imported."""
    word = exception_word(raised)
    return word if word != "crash" or raised["type"] == "SystemExit" else "load-error"


def fault_word(fields: dict[str, Any]) -> str:
    """An access to memory that was stopped."""
    word = fields.get("kind")
    return word if word in ("out-of-bounds", "undefined-load", "race", "mutates-input") else "out-of-bounds"
